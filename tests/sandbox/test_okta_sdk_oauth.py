"""The authorization server through the eyes of Okta's own client: the ``okta`` SDK, unchanged."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from okhook.sandbox.activities import ApiCalled
from okhook.sandbox.oauth.jwts import ServiceApp
from tests.sandbox.keys import pem, private_jwk, proof_rsa_key, public_jwk, rsa_key
from tests.sandbox.rig import OrgRig, hook_body, org_rig, user_body

pytestmark = pytest.mark.anyio

APP = "0oaSdkApp"
BEARER = "0oaSdkBearer"
SCOPES = ["okta.eventHooks.manage", "okta.users.manage", "okta.logs.read"]


@asynccontextmanager
async def sdk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    **config: Any,  # noqa: ANN401 - passed on
) -> AsyncIterator[tuple[Any, OrgRig]]:
    monkeypatch.setenv("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true")
    from Cryptodome.PublicKey import RSA
    from okta.client import Client

    # The SDK makes a key of 3072 bits for each client, which takes seconds in its own library.
    proof_key = RSA.import_key(pem(proof_rsa_key()))
    monkeypatch.setattr("okta.dpop.RSA.generate", lambda _: proof_key)

    apps = (
        ServiceApp(APP, (public_jwk(rsa_key(), kid="k1"),)),
        ServiceApp(BEARER, (public_jwk(rsa_key()),), needs_dpop=False),
    )
    async with org_rig(tmp_path, service_apps=apps) as org:
        whole = {
            "orgUrl": org.sandbox.url,
            "authorizationMode": "PrivateKey",
            "clientId": APP,
            "scopes": SCOPES,
            "privateKey": pem(rsa_key()),
            "dpopEnabled": True,
            "rateLimit": {"maxRetries": 0},
            **config,
        }
        yield Client(whole), org


def read(answer: tuple[Any, Any, Any]) -> Any:  # noqa: ANN401 - the SDK's models
    data, _, error = answer
    assert error is None, error
    return data


@pytest.mark.parametrize("form", ["PEM", "JWK"])
async def test_private_key_mode_with_dpop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """The dance, and reads and writes with proofs, by the SDK as it is; one token for all."""
    key = pem(rsa_key()) if form == "PEM" else json.dumps(private_jwk(rsa_key(), kid="k1"))
    async with sdk(tmp_path, monkeypatch, privateKey=key) as (client, org):
        from okta.models import CreateUserRequest, EventHook

        hook = read(
            await client.create_event_hook(EventHook.from_dict(hook_body("https://a.example.com")))
        )
        assert [one.id for one in read(await client.list_event_hooks())] == [hook.id]
        read(await client.deactivate_event_hook(hook.id))
        read(await client.delete_event_hook(hook.id))
        user = read(await client.create_user(CreateUserRequest.from_dict(user_body())))
        assert read(await client.get_user(user.id)).id == user.id
        assert read(await client.list_log_events(limit=10))
        asked = [call.error_code for call in org.told.of(ApiCalled) if "oauth2" in call.path]
    assert asked == ["use_dpop_nonce", None]


async def test_private_key_mode_with_a_bearer_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that needs no proof: the SDK without DPoP."""
    async with sdk(tmp_path, monkeypatch, clientId=BEARER, dpopEnabled=False) as (client, _):
        assert read(await client.list_event_hooks()) == []


async def test_the_sdk_reads_what_it_was_refused_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No proof where one is needed, and a scope that the token does not have."""
    async with sdk(tmp_path / "1", monkeypatch, dpopEnabled=False) as (client, _):
        _, _, error = await client.list_event_hooks()
        assert "invalid_dpop_proof" in str(error)
    async with sdk(tmp_path / "2", monkeypatch, scopes=["okta.logs.read"]) as (client, _):
        _, _, error = await client.list_event_hooks()
        assert error.error_code == "E0000006"

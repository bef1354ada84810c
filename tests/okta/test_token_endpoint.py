"""The token endpoint, alone: what another call learned while a token was asked for counts."""

import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest

from okhook.http.client import Answer
from okhook.okta.clock import OrgClock
from okhook.okta.credential import Form, OrgLine
from okhook.okta.dpop import DpopProver
from okhook.okta.private_key import generated_key
from okhook.okta.service_app import ServiceAppCredential
from okhook.okta.token_endpoint import AppIdentity, TokenEndpoint, nonce_of
from tests.okta.fake_oauth import CLIENT_ID, at
from tests.okta.setup import ORG, Watched

NOW = at(0)
ORGS_DATE = (("Date", format_datetime(NOW + timedelta(minutes=20), usegmt=True)),)
TOKEN = {"access_token": "token", "token_type": "DPoP", "expires_in": 3600}


@pytest.mark.parametrize(
    ("value", "nonce"),
    [("n-1", "n-1"), ("", None), ("n" * 2000, "n" * 2000), ("n" * 2001, None), ("a\x1bb", None)],
)
def test_a_nonce_is_taken_where_it_can_be_one(value: str, nonce: str | None) -> None:
    """It is sent back with every proof: what steers a terminal, or fills a header, is none."""
    assert nonce_of(Answer(200, (("DPoP-Nonce", value),), b"", 0.0)) == nonce


@pytest.mark.anyio
async def test_a_time_that_another_answer_told_meanwhile_counts() -> None:
    """The request was signed before that, so it is worth another, although its Date is no news."""
    clock = OrgClock(lambda: NOW)
    tries = 0

    async def post(_: str, made: Callable[[], Form]) -> Answer:
        nonlocal tries
        made()
        tries += 1
        clock.hear(Answer(200, ORGS_DATE, b"", 0.0))
        if tries == 1:
            return Answer(401, ORGS_DATE, json.dumps({"error": "invalid_client"}).encode(), 0.0)
        return Answer(200, ORGS_DATE, json.dumps(TOKEN).encode(), 0.0)

    key = generated_key()
    endpoint = TokenEndpoint(
        AppIdentity(CLIENT_ID, key),
        OrgLine(ORG, post, Watched().publish, lambda: NOW),
        credential=ServiceAppCredential(CLIENT_ID, key, "OKHOOK_CLIENT_ID", "KEY_FILE"),
        prover=DpopProver(key, new_id=lambda: "id", now=clock.now),
        clock=clock,
    )
    token = await endpoint.token_for(["okta.logs.read"])
    assert (token.scopes, tries) == (("okta.logs.read",), 2)

"""The token endpoint by itself, played by hand: requests out, answers in."""

import json
from datetime import timedelta
from email.utils import format_datetime

import pytest

from okhook.http.client import Answer
from okhook.okta.auth.credential import TOKEN_PATH, ServiceAppCredential
from okhook.okta.auth.dpop import OrgClock, Proofs
from okhook.okta.auth.private_key import generated_key
from okhook.okta.auth.token_endpoint import AccessToken, TokenEndpoint
from tests.okta.auth.fake_oauth import CLIENT_ID, at
from tests.okta.setup import ORG

NOW = at(0)
ORGS_DATE = (("Date", format_datetime(NOW + timedelta(minutes=20), usegmt=True)),)
TOKEN = {"access_token": "token", "token_type": "DPoP", "expires_in": 3600}


def an_endpoint() -> tuple[TokenEndpoint, OrgClock]:
    key, clock = generated_key(), OrgClock(lambda: NOW)
    app = ServiceAppCredential(CLIENT_ID, key, "OKHOOK_CLIENT_ID", "KEY_FILE")
    return TokenEndpoint(app, ORG, Proofs(key, clock)), clock


@pytest.mark.parametrize(
    ("value", "nonce"),
    [("n-1", "n-1"), ("", None), ("n" * 2000, "n" * 2000), ("n" * 2001, None), ("a\x1bb", None)],
)
def test_only_a_usable_nonce_is_used(value: str, nonce: str | None) -> None:
    """It goes into every proof: one that is too long, or not printable, is not taken."""
    proofs = Proofs(generated_key(), OrgClock(lambda: NOW))
    proofs.learn(Answer(200, (("DPoP-Nonce", value),), b"", 0.0))
    assert proofs.nonce == nonce


def test_the_clock_of_another_answer_counts() -> None:
    """The request was signed with the old time, so it is made again with the new one."""
    endpoint, clock = an_endpoint()
    asking = endpoint.ask(["okta.logs.read"])
    assert next(asking).url.path == TOKEN_PATH
    clock.hear(Answer(200, ORGS_DATE, b"", 0.0))
    asking.send(Answer(401, ORGS_DATE, json.dumps({"error": "invalid_client"}).encode(), 0.0))
    with pytest.raises(StopIteration) as ended:
        asking.send(Answer(200, ORGS_DATE, json.dumps(TOKEN).encode(), 0.0))
    token: AccessToken = ended.value.value
    assert token.scopes == ("okta.logs.read",)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_429_or_5xx_is_neither_a_token_nor_a_refusal(status: int) -> None:
    """Neither a token nor an error: the client waits and asks again."""
    asking = an_endpoint()[0].ask(["okta.logs.read"])
    next(asking)
    with pytest.raises(StopIteration) as ended:
        asking.send(Answer(status, (), b"", 0.0))
    assert ended.value.value is None

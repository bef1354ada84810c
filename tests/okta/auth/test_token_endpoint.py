"""The token endpoint, alone: what another call learned while a token was asked for counts."""

import json
from datetime import timedelta
from email.utils import format_datetime

import pytest

from okhook.http.client import Answer
from okhook.okta.auth.clock import OrgClock
from okhook.okta.auth.credential import TOKEN_PATH, ServiceAppCredential
from okhook.okta.auth.dpop import nonce_of
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
    return TokenEndpoint(app, ORG, proof_key=key, clock=clock), clock


@pytest.mark.parametrize(
    ("value", "nonce"),
    [("n-1", "n-1"), ("", None), ("n" * 2000, "n" * 2000), ("n" * 2001, None), ("a\x1bb", None)],
)
def test_a_nonce_is_taken_where_it_can_be_one(value: str, nonce: str | None) -> None:
    """It is sent back with every proof: what steers a terminal, or fills a header, is none."""
    assert nonce_of(Answer(200, (("DPoP-Nonce", value),), b"", 0.0)) == nonce


def test_a_time_that_another_answer_told_meanwhile_counts() -> None:
    """The request was signed before that, so it is worth another, although its Date is no news."""
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
def test_later_is_no_refusal(status: int) -> None:
    """No token, and no error: whoever asks is to wait and ask again."""
    asking = an_endpoint()[0].ask(["okta.logs.read"])
    next(asking)
    with pytest.raises(StopIteration) as ended:
        asking.send(Answer(status, (), b"", 0.0))
    assert ended.value.value is None

"""``WWW-Authenticate``: what Okta sends is read, and nothing else is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.http.client import Answer
from okhook.okta.refusals import challenge_of
from okhook.text import plain

SEEN = (
    'Bearer authorization_uri="http://dev-1.okta.com/oauth2/v1/authorize",'
    ' realm="http://dev-1.okta.com", scope="okta.groups.read", error="insufficient_scope",'
    ' error_description="The access token provided does not contain the required scopes.",'
    ' resource="/api/v1/groups/1"'
)


def answer(*values: str) -> Answer:
    return Answer(403, tuple(("www-authenticate", value) for value in values), b"", 0.0)


def test_what_okta_sends_is_read() -> None:
    """Error, description and scope, out of a header as it was seen."""
    found = challenge_of(answer(SEEN), lambda text: text)
    assert found is not None
    assert (found.error, found.scope) == ("insufficient_scope", "okta.groups.read")
    assert found.why == (
        "insufficient_scope: The access token provided does not contain the required scopes."
    )


@pytest.mark.parametrize("value", ["", "Basic realm=x", "Bearer", 'Bearer realm="a"', "DPoP x"])
def test_a_challenge_without_an_error_is_none(value: str) -> None:
    """A first challenge says only that a token is wanted."""
    assert challenge_of(answer(value), lambda text: text) is None


def test_the_one_with_an_error_counts() -> None:
    """Of several headers; in any case."""
    found = challenge_of(answer("Basic", 'dpop error="use_dpop_nonce"'), lambda text: text)
    assert found is not None
    assert found.why == "use_dpop_nonce"


@given(text=st.text(max_size=60))
def test_nothing_in_it_steers_a_terminal_and_no_secret_comes_out(text: str) -> None:
    """Whatever an org writes there."""
    value = f'DPoP error="a{text}", error_description="{text} s3cret-token"'
    found = challenge_of(answer(value), lambda shown: shown.replace("s3cret-token", "…"))
    if found is not None:
        assert "s3cret-token" not in found.why
        assert plain(found.why) == found.why

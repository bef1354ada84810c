"""A service app as Okta's SDKs are configured with one."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okhook.config.okta_app import okta_app

SPELLED = {"clientId": "ID", "privateKey": "KEY", "scopes": "SCOPES"}
WHOLE = {"clientId": "0oa1", "privateKey": "pem", "scopes": "a, b,", "kid": "k"}


def test_the_mode_decides_between_token_and_app() -> None:
    """In any case; where it is not set, a token goes first, as it does for the SDKs."""
    for mode, has_token, is_app in (
        ("PrivateKey", True, True),
        ("privatekey", False, True),
        ("SSWS", False, False),
        ("Bearer", False, False),
        ("", True, False),
        ("", False, True),
    ):
        client = {**WHOLE, "authorizationMode": mode}
        assert (okta_app(client, has_token=has_token, spelled=SPELLED) is not None) == is_app


def test_every_member_is_read() -> None:
    """Scopes as a list, or divided by commas; a key as text, or as the JWK itself."""
    for scopes in ("a, b,", ["a", "b "]):
        app = okta_app({**WHOLE, "scopes": scopes}, has_token=False, spelled=SPELLED)
        assert app is not None
        assert (app.client_id, app.key_id, app.scopes) == ("0oa1", "k", ("a", "b"))
        assert app.private_key is not None
        assert app.private_key.reveal() == "pem"
    app = okta_app({**WHOLE, "privateKey": {"kty": "EC"}}, has_token=False, spelled=SPELLED)
    assert app is not None
    assert app.private_key is not None
    assert app.private_key.reveal() == '{"kty": "EC"}'


@pytest.mark.parametrize(("member", "missing"), [("clientId", "ID"), ("privateKey", "KEY")])
def test_what_is_missing_is_named(member: str, missing: str) -> None:
    """By its place; but only where the mode says that there is to be an app."""
    client = {**WHOLE, member: "  ", "authorizationMode": "PrivateKey"}
    app = okta_app(client, has_token=False, spelled=SPELLED)
    assert app is not None
    assert app.missing == missing
    assert okta_app({**WHOLE, member: None}, has_token=False, spelled=SPELLED) is None


@given(
    client=st.dictionaries(
        st.sampled_from([*WHOLE, "authorizationMode"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers() | st.text()),
    ),
    has_token=st.booleans(),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_of_other_tools_may_hold_anything(client: dict[str, Any], has_token: bool) -> None:
    """No value of any type trips the reader."""
    app = okta_app(client, has_token=has_token, spelled=SPELLED)
    assert app is None or app.missing is not None or (app.client_id and app.private_key)

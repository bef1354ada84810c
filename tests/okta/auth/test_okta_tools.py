"""What Okta's own tools are configured with."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import ConfigurationError
from okhook.okta.auth.credential import ScopeLimit
from okhook.okta.auth.okta_tools import okta_tools, sdk_client
from okhook.okta.auth.sources import AppSource, TokenSource
from okhook.secret import Secret


def test_each_tool_keeps_its_org_and_its_token_together(tmp_path: Path) -> None:
    """A token is only ever found beside the org that it is for."""
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(
        "okta:\n  client:\n    orgUrl: https://c.okta.com\n    token: token-c\n"
    )
    environ = {
        "OKTA_CLIENT_ORGURL": "https://a.okta.com",
        "OKTA_CLIENT_TOKEN": "token-a",
        "OKTA_ORG_NAME": "b",
        "OKTA_BASE_URL": "oktapreview.com",
        "OKTA_API_TOKEN": "token-b",
    }
    found = okta_tools(environ, tmp_path)
    orgs = ("https://a.okta.com", "b.oktapreview.com", "https://c.okta.com")
    assert [tool.org.value for tool in found if tool.org] == list(orgs)
    assert [tool.credential for tool in found] == [
        TokenSource(Secret("token-a"), "OKTA_CLIENT_TOKEN", orgs[:1]),
        TokenSource(Secret("token-b"), "OKTA_API_TOKEN", orgs[1:2]),
        TokenSource(Secret("token-c"), "token in ~/.okta/okta.yaml", orgs[2:]),
    ]


def test_nothing_configured_is_nothing(tmp_path: Path) -> None:
    """Empty variables and no file count as not set."""
    assert okta_tools({"OKTA_CLIENT_TOKEN": ""}, tmp_path) == []


@pytest.mark.parametrize("content", ["", "okta:", "- a", "okta:\n  client: 7", "just text"])
def test_a_file_that_says_nothing_is_passed_over(tmp_path: Path, content: str) -> None:
    """The file belongs to other tools and may hold anything."""
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(content)
    assert okta_tools({}, tmp_path) == []


def test_a_broken_file_is_named_without_its_content(tmp_path: Path) -> None:
    """YAML's own error would quote the line, which may hold the token."""
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text('okta:\n  client: {token: "topsecret\n')
    with pytest.raises(ConfigurationError) as caught:
        okta_tools({}, tmp_path)
    assert "topsecret" not in f"{caught.value.what} {caught.value.why}"


SPELLED = {
    "orgUrl": "ORG",
    "token": "TOKEN",
    "clientId": "ID",
    "privateKey": "KEY",
    "scopes": "SCOPES",
}
WHOLE = {"clientId": "0oa1", "privateKey": "pem", "scopes": "a, b,", "kid": "k"}


def app_of(client: dict[str, Any]) -> AppSource:
    found = sdk_client(client, SPELLED).credential
    assert isinstance(found, AppSource)
    return found


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
        client = {**WHOLE, "authorizationMode": mode, "token": "t" if has_token else ""}
        found = sdk_client(client, SPELLED).credential
        assert isinstance(found, AppSource) == is_app
        assert isinstance(found, TokenSource) == (has_token and not is_app)


def test_every_member_is_read() -> None:
    """Scopes as a list, or divided by commas; a key as text, or as the JWK itself."""
    for scopes in ("a, b,", ["a", "b "]):
        app = app_of({**WHOLE, "scopes": scopes})
        assert (app.client_id, app.key_id) == ("0oa1", "k")
        assert app.limit == ScopeLimit(("a", "b"), "SCOPES")
        assert app.key == Secret("pem")
    assert app_of({**WHOLE, "privateKey": {"kty": "EC"}}).key == Secret('{"kty": "EC"}')


@pytest.mark.parametrize(("member", "missing"), [("clientId", "ID"), ("privateKey", "KEY")])
def test_what_is_missing_is_named(member: str, missing: str) -> None:
    """By its place; but only where the mode says that there is to be an app."""
    client = {**WHOLE, member: "  ", "authorizationMode": "PrivateKey"}
    assert app_of(client).missing == missing
    assert sdk_client({**WHOLE, member: None}, SPELLED).credential is None


@given(
    client=st.dictionaries(
        st.sampled_from([*WHOLE, "authorizationMode", "orgUrl", "token"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers() | st.text()),
    )
)
def test_a_file_of_other_tools_may_hold_anything(client: dict[str, Any]) -> None:
    """No value of any type trips the reader."""
    app = sdk_client(client, SPELLED).credential
    assert not isinstance(app, AppSource) or app.missing or (app.client_id and app.key)

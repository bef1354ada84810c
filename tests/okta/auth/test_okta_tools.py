"""The configuration of Okta's own tools."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import ConfigurationError
from okhook.okta.auth.okta_tools import okta_tools, sdk_layer


def test_each_tool_has_its_org_beside_its_token(tmp_path: Path) -> None:
    """So no token can be used for the org of another tool."""
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
    assert [tool.values for tool in found] == [
        {"org": "https://a.okta.com", "token": "token-a"},
        {"org": "b.oktapreview.com", "token": "token-b"},
        {"org": "https://c.okta.com", "token": "token-c"},
    ]
    assert [(tool.origins["org"], tool.origins["token"]) for tool in found] == [
        ("OKTA_CLIENT_ORGURL", "OKTA_CLIENT_TOKEN"),
        ("OKTA_ORG_NAME", "OKTA_API_TOKEN"),
        ("orgUrl in ~/.okta/okta.yaml", "token in ~/.okta/okta.yaml"),
    ]


def values_of(environ: dict[str, str], home: Path) -> list[dict[str, Any]]:
    return [dict(tool.values) for tool in okta_tools(environ, home) if tool.values]


def test_nothing_configured_is_nothing(tmp_path: Path) -> None:
    """Empty variables and no file count as not set."""
    assert values_of({"OKTA_CLIENT_TOKEN": ""}, tmp_path) == []


@pytest.mark.parametrize("content", ["", "okta:", "- a", "okta:\n  client: 7", "just text"])
def test_a_file_without_a_client_is_ignored(tmp_path: Path, content: str) -> None:
    """The file belongs to other tools and may contain anything."""
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(content)
    assert values_of({}, tmp_path) == []


def test_a_broken_file_is_named_without_its_content(tmp_path: Path) -> None:
    """YAML's own error would quote the line, which may contain the token."""
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text('okta:\n  client: {token: "topsecret\n')
    with pytest.raises(ConfigurationError) as caught:
        okta_tools({}, tmp_path)
    assert "topsecret" not in f"{caught.value.what} {caught.value.why}"


WHOLE = {"clientId": "0oa1", "privateKey": "pem", "scopes": "a, b,", "kid": "k"}


def test_the_mode_decides_between_token_and_app() -> None:
    """In any case; without a mode, a token wins, as it does for the SDKs."""
    for mode, has_token, is_app in (
        ("PrivateKey", True, True),
        ("privatekey", False, True),
        ("SSWS", False, False),
        ("Bearer", False, False),
        ("", True, False),
        ("", False, True),
    ):
        client = {**WHOLE, "authorizationMode": mode, "token": "t" if has_token else ""}
        values = sdk_layer(client, {}).values
        assert ("client_id" in values) == is_app
        assert ("token" in values) == (has_token and not is_app)
        assert "access_token" not in values


def test_an_access_token_that_was_made_elsewhere() -> None:
    """In the member that each SDK has for it; it is never taken for an API token."""
    origins = {"token": "t", "accessToken": "a"}
    for client, origin in (
        ({"authorizationMode": "Bearer", "token": "x"}, "t"),
        ({"authorizationMode": "BearerToken", "accessToken": "x"}, "a"),
        ({"authorizationMode": "bearer", "accessToken": "x", "token": "y"}, "a"),
    ):
        layer = sdk_layer({**WHOLE, **client}, origins)
        assert layer.values == {"access_token": "x"}
        assert layer.origins["access_token"] == origin
    assert sdk_layer({"accessToken": "x"}, {}).values == {}


def test_every_member_is_read() -> None:
    """Scopes as a list or as text; a key as text or as the JWK itself."""
    read = {"client_id": "0oa1", "private_key": "pem", "key_id": "k"}
    assert sdk_layer(WHOLE, {}).values == {**read, "scopes": "a, b,"}
    assert sdk_layer({**WHOLE, "scopes": ["a", 7, "b "]}, {}).values == {**read, "scopes": "a b "}
    jwk = sdk_layer({**WHOLE, "privateKey": {"kty": "EC"}}, {}).values["private_key"]
    assert jwk == '{"kty": "EC"}'


def test_half_an_app_is_one_only_if_the_mode_says_so() -> None:
    """Otherwise the members are for something else."""
    for member, name in (("clientId", "client_id"), ("privateKey", "private_key")):
        client = {**WHOLE, member: "  "}
        assert sdk_layer(client, {}).values == {}
        app = sdk_layer({**client, "authorizationMode": "PrivateKey"}, {}).values
        assert not app.get(name)
        assert app["key_id"] == "k"


@given(
    client=st.dictionaries(
        st.sampled_from([*WHOLE, "authorizationMode", "orgUrl", "token"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers() | st.text()),
    )
)
def test_a_file_of_other_tools_may_contain_anything(client: dict[str, Any]) -> None:
    """No value of any type breaks the reader."""
    values = sdk_layer(client, {}).values
    assert all(isinstance(value, str) for value in values.values())
    assert not ("token" in values and "client_id" in values)


@pytest.mark.parametrize(
    ("named", "variable"),
    [
        ("org", "ORGURL"),
        ("org", "OKTADOMAIN"),
        ("key_id", "KID"),
        ("key_id", "PRIVATEKEYID"),
        ("key_id", "KEYID"),
        ("scopes", "SCOPES"),
    ],
)
def test_every_sdks_name_is_read_field_15(tmp_path: Path, named: str, variable: str) -> None:
    """Java says kid, Go privateKeyId, Node keyId, .NET oktaDomain; the origin is what was set."""
    app = {"OKTA_CLIENT_CLIENTID": "0oa1", "OKTA_CLIENT_PRIVATEKEY": "pem"}
    tool = okta_tools({**app, f"OKTA_CLIENT_{variable}": "value"}, tmp_path)[0]
    assert tool.values == {"client_id": "0oa1", "private_key": "pem", named: "value"}
    assert tool.origins[named] == f"OKTA_CLIENT_{variable}"


def test_the_names_of_every_sdk_work_in_the_file_field_15(tmp_path: Path) -> None:
    """They are the same ones as in the variables, and a byte order mark does no harm."""
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(
        "\ufeffokta:\n  client:\n    clientId: 0oa1\n    privateKey: pem\n    privateKeyId: k1\n"
    )
    [values] = values_of({}, tmp_path)
    assert values == {"client_id": "0oa1", "private_key": "pem", "key_id": "k1"}


def test_terraforms_app_is_read_field_15(tmp_path: Path) -> None:
    """It is for the org of the same tool; a token beside it wins, as in the SDKs."""
    environ = {
        "OKTA_ORG_NAME": "b",
        "OKTA_API_CLIENT_ID": "0oa1",
        "OKTA_API_PRIVATE_KEY": "pem",
        "OKTA_API_PRIVATE_KEY_ID": "k1",
        "OKTA_API_SCOPES": "a,b",
    }
    app = {"client_id": "0oa1", "private_key": "pem", "key_id": "k1", "scopes": "a,b"}
    assert values_of(environ, tmp_path) == [{"org": "b.okta.com", **app}]
    assert values_of({**environ, "OKTA_API_TOKEN": "t"}, tmp_path) == [
        {"org": "b.okta.com", "token": "t"}
    ]


LEVELS = "bcdefghij"
BOMB = "a: &a [x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", LEVELS, strict=True)
)

HOSTILE_YAML = {
    "aliases": BOMB + "okta: {client: {privateKey: {k: *j}}}",
    "merged aliases": BOMB.replace("[x]", "{x: 1}").replace("[*", "{<<: [*").replace("]", "]}"),
    "a cycle": "okta: &o {client: {privateKey: *o}}",
    "lists": "[" * 100_000,
    "dashes": "- " * 100_000,
    "indentation": "".join(" " * depth + "a:\n" for depth in range(500)),
}


@pytest.mark.parametrize("kind", HOSTILE_YAML)
def test_yaml_that_grows_is_refused_field_10(tmp_path: Path, kind: str) -> None:
    """A few aliases of aliases make gigabytes, and deep nesting ends the interpreter."""
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(HOSTILE_YAML[kind])
    with pytest.raises(ConfigurationError, match=r"okta\.yaml is not valid YAML") as refused:
        okta_tools({}, tmp_path)
    assert "line" in (refused.value.why or "")


def test_values_of_every_kind_are_text_field_10(tmp_path: Path) -> None:
    """Numbers, dates and null: YAML would change them, or take minutes for one in base 60."""
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(
        "token: &token 0012345678901234567890123456789012345678901\n"
        f"other: 1{':59' * 300_000}\n"
        "date: 2024-99-99\n"
        "okta:\n  client:\n    orgUrl: https://a.okta.com\n    token: *token\n    clientId: null\n"
    )
    assert okta_tools({}, tmp_path)[-1].values == {
        "org": "https://a.okta.com",
        "token": "0012345678901234567890123456789012345678901",
    }

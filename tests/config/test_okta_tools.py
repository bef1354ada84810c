"""What Okta's own tools are configured with."""

from pathlib import Path

import pytest

from okhook.config.okta_tools import okta_tools
from okhook.errors import ConfigurationError


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
    assert [(t.org, t.token.reveal() if t.token else None) for t in found] == [
        ("https://a.okta.com", "token-a"),
        ("b.oktapreview.com", "token-b"),
        ("https://c.okta.com", "token-c"),
    ]
    assert found[2].token_origin == "token in ~/.okta/okta.yaml"


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

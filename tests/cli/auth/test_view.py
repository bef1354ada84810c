"""How credentials look: every place is told, and nothing from outside steers the terminal."""

from datetime import UTC, datetime

from okhook.cli.auth.view import login_lines, logout_lines, whoami_lines
from okhook.config.shown import ShownSetting
from okhook.okta.permissions import CredentialShown, LoggedIn, LoggedOut, Permission, WhoAmI
from okhook.okta.retry import RateLimitLeft
from okhook.text import plain

HOSTILE = "\x1b[31m[bold]x\n"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def lines(shown: WhoAmI) -> list[str]:
    return [line.plain for line in whoami_lines(shown)]


def login(hooks: int, keyring: str = "kr") -> str:
    [line] = login_lines(LoggedIn("https://one.okta.com", keyring, hooks))
    return line.plain


def who(credential: CredentialShown, *permissions: Permission) -> WhoAmI:
    settings = (ShownSetting("token", None, "OKHOOK_TOKEN"), ShownSetting("port", HOSTILE, HOSTILE))
    return WhoAmI("https://one.okta.com", "--org", credential, permissions, settings)


def test_an_api_token_is_two_rows() -> None:
    """Org and credential with their places, what may be read, and the settings."""
    left = RateLimitLeft(600, 12, NOON)
    shown = lines(
        who(
            CredentialShown("api_token", "OKHOOK_TOKEN"),
            Permission("event hooks", True, None, left),
            Permission("users", False, "E0000006: no\nmore", None),
        )
    )
    assert shown[:2] == [
        "org         https://one.okta.com  --org",
        "credential  API token  OKHOOK_TOKEN",
    ]
    assert f"12 of 600 calls left until {NOON.astimezone():%H:%M:%S}" in shown[3]
    assert shown[4].split() == ["✗", "users", "E0000006:", "no"]
    assert "(not shown)" in shown[6]


def test_a_service_app_has_key_and_scopes() -> None:
    """Where none was granted, it says so."""
    app = CredentialShown("service_app", "CLIENT", client_id="0oa1", key_origin="FILE", scopes=())
    shown = lines(who(app))
    assert shown[1] == "credential  OAuth service app 0oa1  CLIENT"
    assert shown[2] == "key         no key id  FILE"
    assert shown[3] == "scopes      none granted"


def test_hostile_text_is_escaped() -> None:
    """In every place that something from outside comes to."""
    app = CredentialShown("service_app", HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,))
    refused = Permission("event hooks", False, HOSTILE, None)
    for line in (
        *lines(who(app, refused)),
        login(1, HOSTILE),
        *(line.plain for line in logout_lines(LoggedOut("https://one.okta.com"))),
    ):
        assert plain(line) == line


def test_the_number_of_hooks_has_the_right_plural() -> None:
    """And more are more."""
    assert "1 event hook," in login(1)
    assert "2 event hooks," in login(2)

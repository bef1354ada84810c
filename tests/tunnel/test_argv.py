"""The arguments and the environment of the child."""

import pytest

from okhook.tunnel.argv import listen_arguments, secret_flag
from okhook.tunnel.environment import child_environment
from okhook.tunnel.version import HookdeckVersion


@pytest.mark.parametrize("version", [HookdeckVersion(0, 11), HookdeckVersion(1, 0, 9)])
def test_an_old_one_gets_no_flag_it_does_not_have(version: HookdeckVersion) -> None:
    """``--output`` came with 1.1."""
    arguments = listen_arguments(version, port=1337, source="okta", path="/h")
    assert arguments == ["listen", "1337", "okta", "--path", "/h"]


def test_a_new_one_writes_lines() -> None:
    """From 1.1 on the compact output is asked for; the user's own arguments come last."""
    arguments = listen_arguments(
        HookdeckVersion(1, 1), port=8080, source="s", path="/h", extra=("--log-level", "debug")
    )
    assert arguments == [
        *("listen", "8080", "s", "--path", "/h"),
        *("--output", "compact", "--log-level", "debug"),
    ]


@pytest.mark.parametrize(
    ("extra", "flag"),
    [
        (["--cli-key", "abc"], "--cli-key"),
        (["--log-level", "debug", "--api-key=abc"], "--api-key"),
        (["--log-level", "debug"], None),
        ([], None),
    ],
)
def test_a_key_among_the_arguments_is_seen(extra: list[str], flag: str | None) -> None:
    """The flags of Hookdeck that carry a key are known in both spellings."""
    assert secret_flag(extra) == flag


def test_the_child_gets_no_secret_of_ours() -> None:
    """Our settings and Okta's credentials stay here; what is Hookdeck's goes along."""
    environ = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "HTTPS_PROXY": "http://proxy",
        "HOOKDECK_API_KEY": "k",
        "OKHOOK_AUTH_SECRET": "s",
        "OKHOOK_TOKEN": "t",
        "OKTA_CLIENT_TOKEN": "t",
        "OKTA_API_TOKEN": "t",
    }
    assert set(child_environment(environ)) == {"PATH", "HOME", "HTTPS_PROXY", "HOOKDECK_API_KEY"}

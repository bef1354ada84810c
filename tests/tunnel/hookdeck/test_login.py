"""Which account the Hookdeck CLI uses."""

from pathlib import Path

import pytest

from okhook.errors import TunnelFailed
from okhook.tunnel.hookdeck.login import HookdeckLogin, hookdeck_login

ACCOUNT = '[default]\napi_key = "hk_1"\nworkspace_id = "tm_1"\n'


def written(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def origin_of(environ: dict[str, str], directory: Path) -> str:
    login = hookdeck_login(environ, directory)
    assert isinstance(login, HookdeckLogin)
    return login.origin


def test_logins_are_looked_up_in_the_order_of_hookdeck(tmp_path: Path) -> None:
    """Variable, named file, the directory's file, the user's file."""
    environ = {"HOME": str(tmp_path / "home")}
    assert hookdeck_login(environ, tmp_path) is None
    own = written(tmp_path / "home" / ".config" / "hookdeck" / "config.toml", ACCOUNT)
    assert origin_of(environ, tmp_path) == str(own)
    local = written(tmp_path / ".hookdeck" / "config.toml", ACCOUNT)
    assert origin_of(environ, tmp_path) == str(local)
    named = written(tmp_path / "named.toml", ACCOUNT)
    environ["HOOKDECK_CONFIG_FILE"] = str(named)
    assert origin_of(environ, tmp_path) == str(named)
    environ["HOOKDECK_API_KEY"] = "hk_2"
    assert origin_of(environ, tmp_path) == "HOOKDECK_API_KEY"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ACCOUNT, (False, "tm_1")),
        (ACCOUNT + 'guest_url = "https://x"\n', (True, "tm_1")),
        (ACCOUNT + 'guest_url = ""\n', (False, "tm_1")),
        ('profile = "work"\n[work]\napi_key = "k"\n', (False, None)),
        ('profile = "work"\n' + ACCOUNT, None),
        ("", None),
        ('default = "x"\n', None),
    ],
)
def test_the_selected_profile_is_used(
    tmp_path: Path, content: str, expected: tuple[bool, str | None] | None
) -> None:
    """A profile with a ``guest_url`` is a guest account."""
    written(tmp_path / ".hookdeck" / "config.toml", content)
    login = hookdeck_login({"HOME": str(tmp_path)}, tmp_path)
    assert (login and (login.is_guest, login.project)) == expected


def test_an_unreadable_file_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    """The next file is not used instead: it may belong to another account."""
    (tmp_path / ".hookdeck" / "config.toml").mkdir(parents=True)
    with pytest.raises(TunnelFailed, match="could not read") as raised:
        hookdeck_login({"HOME": str(tmp_path)}, tmp_path)
    assert "hookdeck login" in (raised.value.next_step or "")


def test_the_error_for_invalid_toml_does_not_quote_the_file(tmp_path: Path) -> None:
    """The invalid line may contain a key."""
    written(tmp_path / ".hookdeck" / "config.toml", 'api_key = "hk_secret')
    with pytest.raises(TunnelFailed) as raised:
        hookdeck_login({"HOME": str(tmp_path)}, tmp_path)
    assert "hk_secret" not in f"{raised.value.what} {raised.value.why}"

"""How the Hookdeck CLI is found, and what environment it gets."""

from pathlib import Path

import pytest

from okhook.config.setting import Setting
from okhook.errors import ExitCode, TunnelFailed
from okhook.tunnel.hookdeck.program import child_environment, find_hookdeck, secret_flag


def program(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_path_in_the_settings_comes_first(tmp_path: Path) -> None:
    """Before a program on PATH."""
    own = program(tmp_path / "own", "my-hookdeck")
    program(tmp_path / "bin", "hookdeck")
    environ = {"PATH": str(tmp_path / "bin")}
    assert find_hookdeck(Setting(str(own), "--hookdeck"), environ).argv == (str(own),)


def test_a_name_is_looked_up_on_path(tmp_path: Path) -> None:
    """A name without a slash is searched on PATH."""
    other = program(tmp_path / "bin", "hookdeck-beta")
    environ = {"PATH": str(tmp_path / "bin")}
    found = find_hookdeck(Setting("hookdeck-beta", "--hookdeck"), environ)
    assert found.argv == (str(other),)


@pytest.mark.parametrize("named", ["/nowhere/hookdeck", "no-such-program", ""])
def test_a_missing_program_is_not_replaced_by_another(tmp_path: Path, named: str) -> None:
    """The error names the setting."""
    program(tmp_path / "bin", "hookdeck")
    with pytest.raises(TunnelFailed) as caught:
        find_hookdeck(Setting(named, "OKHOOK_HOOKDECK"), {"PATH": str(tmp_path / "bin")})
    assert "OKHOOK_HOOKDECK" in caught.value.what
    assert caught.value.exit_code is ExitCode.TUNNEL


def test_path_comes_before_npx(tmp_path: Path) -> None:
    """If both exist, the installed hookdeck is used."""
    installed = program(tmp_path / "bin", "hookdeck")
    program(tmp_path / "bin", "npx")
    found = find_hookdeck(None, {"PATH": str(tmp_path / "bin")})
    assert (found.argv, found.fetched) == ((str(installed),), False)


def test_npx_fetches_it_without_asking(tmp_path: Path) -> None:
    """With Node.js alone, npx runs the current major version."""
    npx = program(tmp_path / "bin", "npx")
    found = find_hookdeck(None, {"PATH": str(tmp_path / "bin")})
    assert found.argv == (str(npx), "--yes", "hookdeck-cli@2")
    assert found.fetched


def test_without_hookdeck_and_npx_the_error_explains_how_to_install_it(tmp_path: Path) -> None:
    """Exit code 7."""
    with pytest.raises(TunnelFailed) as caught:
        find_hookdeck(None, {"PATH": str(tmp_path)})
    assert caught.value.exit_code is ExitCode.TUNNEL
    assert "npm install -g hookdeck-cli" in (caught.value.next_step or "")


@pytest.mark.parametrize(
    ("extra", "flag"),
    [
        (["--cli-key", "abc"], "--cli-key"),
        (["--log-level", "debug", "--api-key=abc"], "--api-key"),
        (["--log-level", "debug"], None),
        ([], None),
    ],
)
def test_a_key_in_the_arguments_is_found(extra: list[str], flag: str | None) -> None:
    """Hookdeck's flags for a key are known in both spellings."""
    assert secret_flag(extra) == flag


def test_the_child_gets_no_secret_of_okhook() -> None:
    """It gets neither okhook's settings nor Okta's credentials, only Hookdeck's own."""
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

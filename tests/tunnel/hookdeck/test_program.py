"""How the Hookdeck CLI is found, and what environment it gets."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from okhook.config.setting import Setting
from okhook.errors import ExitCode, TunnelFailed
from okhook.runtime.child import child_environment
from okhook.tunnel.hookdeck import program as programs
from okhook.tunnel.hookdeck.program import (
    HookdeckProgram,
    apart_from_project,
    find_hookdeck,
    secret_flag,
)


async def fetched(asked: HookdeckProgram) -> HookdeckProgram:
    return await programs.fetched(asked, {}, before_hard_exit=lambda act: nullcontext())


def program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
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


def npm_package(folder: Path) -> Path:
    """Make a folder like that of the npm package, and return the binary in it."""
    program(folder / "bin", "hookdeck.js")
    for system in ("linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"):
        binary = program(folder / "binaries" / system, "hookdeck")
    return binary


def test_the_binary_of_the_npm_package_is_run_field_07(tmp_path: Path) -> None:
    """Not the script that runs it, which would die alone."""
    npm_package(tmp_path / "hookdeck-cli")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "hookdeck").symlink_to(tmp_path / "hookdeck-cli" / "bin" / "hookdeck.js")
    found = find_hookdeck(None, {"PATH": str(tmp_path / "bin")})
    assert Path(found.argv[0]).parent.parent == tmp_path / "hookdeck-cli" / "binaries"


def test_a_script_without_a_binary_for_this_machine_is_run_itself(tmp_path: Path) -> None:
    """Such as on a system that the package does not know."""
    script = program(tmp_path / "bin", "hookdeck.js")
    assert find_hookdeck(Setting(str(script), "--hookdeck"), {}).argv == (str(script),)


@pytest.mark.anyio
async def test_with_npx_the_binary_that_it_resolves_is_run_field_07(tmp_path: Path) -> None:
    """npx downloads the package, and says where the program is."""
    binary = npm_package(tmp_path / "hookdeck-cli")
    script = tmp_path / "hookdeck-cli" / "bin" / "hookdeck.js"
    npx = program(tmp_path / "bin", "npx")
    npx.write_text(f"#!/bin/sh\necho 'npm notice' >&2\necho {script}\n")
    found = await fetched(HookdeckProgram((str(npx), "hookdeck-cli@2"), fetched=True))
    assert not found.fetched
    assert Path(found.argv[0]).parent.parent == binary.parent.parent


@pytest.mark.anyio
async def test_npx_runs_apart_from_the_project_field_11(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project's node_modules and .npmrc are a stranger's: they would choose what runs.

    A package.json of its own keeps npx from the directories above. The directory goes away.
    """
    monkeypatch.chdir(tmp_path)
    installed = program(tmp_path, "hookdeck")
    npx = program(tmp_path / "bin", "npx")
    npx.write_text(
        f"#!/bin/sh\npwd > {tmp_path}/ran-in\nls -A >> {tmp_path}/ran-in\necho {installed}\n"
    )
    asked = find_hookdeck(None, {"PATH": "bin"})
    with apart_from_project(asked) as apart:
        assert (await fetched(apart)).argv == (str(installed),)
    directory, *content = (tmp_path / "ran-in").read_text().splitlines()
    assert not Path(directory).is_relative_to(tmp_path)
    assert content == ["package.json"]
    assert not Path(directory).exists()


def test_an_installed_hookdeck_runs_where_okhook_does() -> None:
    """Its arguments may name files there."""
    installed = HookdeckProgram(("hookdeck",))
    with apart_from_project(installed) as program:
        assert program is installed


@pytest.mark.anyio
async def test_without_the_registry_npx_uses_what_it_has_field_07(tmp_path: Path) -> None:
    """At the first failure, not after a minute of npm's own retries."""
    installed = program(tmp_path, "hookdeck")
    npx = program(tmp_path / "bin", "npx")
    npx.write_text(
        f"#!/bin/sh\n[ \"$1 $npm_config_fetch_retries\" = '--offline 0' ] && echo {installed}\n"
    )
    found = await fetched(HookdeckProgram((str(npx), "hookdeck-cli@2"), fetched=True))
    assert found.argv == (str(installed),)


@pytest.mark.anyio
async def test_a_download_that_failed_is_an_error_with_npms_words_field_08(tmp_path: Path) -> None:
    """The first lines: they name the host."""
    npx = program(tmp_path / "bin", "npx")
    npx.write_text("#!/bin/sh\nfor n in 1 2 3 4 5; do echo npm error $n >&2; done; exit 1\n")
    with pytest.raises(TunnelFailed, match="could not download") as caught:
        await fetched(HookdeckProgram((str(npx), "hookdeck-cli@2"), fetched=True))
    assert caught.value.why == "npm error 1\nnpm error 2\nnpm error 3\nnpm error 4"


@pytest.mark.anyio
async def test_an_npx_that_says_no_program_is_run_itself(tmp_path: Path) -> None:
    """Its words are then those of the error."""
    asked = HookdeckProgram((str(program(tmp_path, "npx")), "hookdeck-cli@2"), fetched=True)
    assert await fetched(asked) is asked


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

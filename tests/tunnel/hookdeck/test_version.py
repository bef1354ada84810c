"""How a Hookdeck CLI is asked for its version, and what depends on the version."""

from contextlib import nullcontext
from pathlib import Path

import anyio
import pytest

from okhook.errors import TunnelFailed
from okhook.tunnel.hookdeck import program as programs
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.program import (
    HookdeckProgram,
    HookdeckVersion,
    ask_version,
    version_in,
)
from tests.support.okhook_process import PATIENCE_S


def script(folder: Path, body: str) -> HookdeckProgram:
    path = folder / "hookdeck"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return HookdeckProgram((str(path),))


async def ask(program: HookdeckProgram) -> HookdeckVersion:
    return await ask_version(program, {}, before_hard_exit=lambda act: nullcontext())


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("hookdeck version 2.6.0", HookdeckVersion(2, 6, 0)),
        ("hookdeck version v1.7.1", HookdeckVersion(1, 7, 1)),
        ("hookdeck version 2.7", HookdeckVersion(2, 7, 0)),
        ("hookdeck version 2.6.0-beta.1", HookdeckVersion(2, 6, 0)),
        ("hookdeck version master and more", None),
        ("the hookdeck version 2.6.0", None),
        ("", None),
    ],
)
def test_the_version_in_a_line(line: str, version: HookdeckVersion | None) -> None:
    """Releases and pre-releases are read; other text has no version."""
    assert version_in(line) == version


@pytest.mark.parametrize("name", ["master", "dev", "1a2b3c4", "2"])
def test_a_binary_built_from_source_is_tried_with_a_warning_field_08(name: str) -> None:
    """It counts as the newest."""
    version = version_in(f"hookdeck version {name}")
    assert version is not None
    assert str(version) == name
    assert f"does not know the Hookdeck CLI {name}" in (version.concern() or "")
    assert "--output" in version.listen_arguments(HookdeckConfig())


@pytest.mark.parametrize("version", [HookdeckVersion(0, 8, 6), HookdeckVersion(0, 10, 9)])
def test_an_old_version_is_refused(version: HookdeckVersion) -> None:
    """Before 0.11 there is no --path: the error has the command that upgrades it."""
    with pytest.raises(TunnelFailed, match="too old") as caught:
        version.concern()
    assert "npm install -g hookdeck-cli@2" in (caught.value.next_step or "")


@pytest.mark.parametrize("version", [HookdeckVersion(0, 11), HookdeckVersion(2, 3, 1)])
def test_a_version_that_breaks_in_sleep_is_a_warning(version: HookdeckVersion) -> None:
    """Versions before 2.3.2 work otherwise."""
    assert "after the machine sleeps" in (version.concern() or "")


@pytest.mark.parametrize("version", [HookdeckVersion(2, 3, 2), HookdeckVersion(3, 0)])
def test_a_good_version_is_no_warning(version: HookdeckVersion) -> None:
    """From 2.3.2 on."""
    assert version.concern() is None


@pytest.mark.parametrize("version", [HookdeckVersion(0, 11), HookdeckVersion(1, 0, 9)])
def test_an_old_version_gets_only_flags_that_it_has(version: HookdeckVersion) -> None:
    """``--output`` came with 1.1."""
    arguments = version.listen_arguments(HookdeckConfig(path="/h"))
    assert arguments == ["listen", "1337", "okta", "--path", "/h"]


def test_a_new_version_gets_the_compact_output() -> None:
    """From 1.1 on; the user's arguments come last."""
    config = HookdeckConfig(port=8080, source="s", path="/h", extra=("--log-level", "debug"))
    assert HookdeckVersion(1, 1).listen_arguments(config) == [
        *("listen", "8080", "s", "--path", "/h"),
        *("--output", "compact", "--log-level", "debug"),
    ]


@pytest.mark.anyio
async def test_the_child_ends_when_its_version_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hookdeck's check for updates, which needs the network, is not awaited."""
    monkeypatch.setattr(programs, "ASK_TIMEOUT_S", 2 * PATIENCE_S)
    asking = script(tmp_path, "echo 'hookdeck version 2.6.0'; exec sleep 600")
    with anyio.fail_after(PATIENCE_S):
        assert await ask(asking) == HookdeckVersion(2, 6, 0)


@pytest.mark.anyio
async def test_a_version_without_a_line_end_is_read(tmp_path: Path) -> None:
    """The rest in the pipe counts when the program ends."""
    asking = script(tmp_path, "printf 'hookdeck version 1.7.1' >&2")
    assert await ask(asking) == HookdeckVersion(1, 7, 1)


@pytest.mark.anyio
async def test_another_program_is_an_error_with_its_output(tmp_path: Path) -> None:
    """A program called hookdeck that is another one."""
    with pytest.raises(TunnelFailed) as caught:
        await ask(script(tmp_path, "echo hello; exit 3"))
    assert caught.value.why == "hello"


@pytest.mark.anyio
async def test_a_program_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the time limit."""
    monkeypatch.setattr(programs, "ASK_TIMEOUT_S", 0.2)
    with pytest.raises(TunnelFailed) as caught:
        await ask(script(tmp_path, "exec sleep 600"))
    assert caught.value.why == "no output within 0.2 s"


@pytest.mark.anyio
async def test_a_program_without_output_is_an_error(tmp_path: Path) -> None:
    """The error has no time limit."""
    with pytest.raises(TunnelFailed) as caught:
        await ask(script(tmp_path, "exit 1"))
    assert caught.value.why == "no output"


@pytest.mark.anyio
async def test_a_program_that_cannot_run_is_an_error(tmp_path: Path) -> None:
    """No such file, or not a program."""
    broken = tmp_path / "hookdeck"
    broken.write_bytes(b"\x00\x01")
    broken.chmod(0o755)
    for path in (broken, tmp_path / "none"):
        with pytest.raises(TunnelFailed, match="could not run"):
            await ask(HookdeckProgram((str(path),)))

"""Asking a Hookdeck CLI for its version, and refusing old ones."""

from contextlib import nullcontext
from pathlib import Path

import anyio
import pytest

from okhook.errors import TunnelFailed
from okhook.tunnel.hookdeck import program as programs
from okhook.tunnel.hookdeck.program import (
    HookdeckProgram,
    HookdeckVersion,
    TunnelConfig,
    ask_version,
    version_in,
)


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
        ("hookdeck version master", None),
        ("the hookdeck version 2.6.0", None),
        ("", None),
    ],
)
def test_the_version_in_a_line(line: str, version: HookdeckVersion | None) -> None:
    """Releases and pre-releases are read; anything else is no version."""
    assert version_in(line) == version


@pytest.mark.parametrize("version", [HookdeckVersion(0, 8, 6), HookdeckVersion(0, 10, 9)])
def test_too_old_is_refused(version: HookdeckVersion) -> None:
    """Below 0.11 there is no --path: the error has the command that upgrades it."""
    with pytest.raises(TunnelFailed, match="too old") as caught:
        version.concern()
    assert "npm install -g hookdeck-cli@2" in (caught.value.next_step or "")


@pytest.mark.parametrize("version", [HookdeckVersion(0, 11), HookdeckVersion(2, 3, 1)])
def test_what_sleeps_badly_is_said(version: HookdeckVersion) -> None:
    """Below 2.3.2 it works, and the warning says what will happen."""
    assert "after the machine sleeps" in (version.concern() or "")


@pytest.mark.parametrize("version", [HookdeckVersion(2, 3, 2), HookdeckVersion(3, 0)])
def test_a_good_one_passes_in_silence(version: HookdeckVersion) -> None:
    """From 2.3.2 on there is nothing to say."""
    assert version.concern() is None


@pytest.mark.parametrize("version", [HookdeckVersion(0, 11), HookdeckVersion(1, 0, 9)])
def test_an_old_one_gets_no_flag_it_does_not_have(version: HookdeckVersion) -> None:
    """``--output`` came with 1.1."""
    arguments = version.listen_arguments(TunnelConfig(path="/h"))
    assert arguments == ["listen", "1337", "okta", "--path", "/h"]


def test_a_new_one_writes_lines() -> None:
    """From 1.1 on the compact output is asked for; the user's own arguments come last."""
    config = TunnelConfig(port=8080, source="s", path="/h", extra=("--log-level", "debug"))
    assert HookdeckVersion(1, 1).listen_arguments(config) == [
        *("listen", "8080", "s", "--path", "/h"),
        *("--output", "compact", "--log-level", "debug"),
    ]


@pytest.mark.anyio
async def test_the_version_is_enough(tmp_path: Path) -> None:
    """The look for a newer version, which needs the network, is not waited for."""
    asking = script(tmp_path, "echo 'hookdeck version 2.6.0'; exec sleep 600")
    with anyio.fail_after(programs.ASK_TIMEOUT_S / 2):
        assert await ask(asking) == HookdeckVersion(2, 6, 0)


@pytest.mark.anyio
async def test_a_version_without_a_line_end_is_read(tmp_path: Path) -> None:
    """What is left in the pipe at the end counts."""
    asking = script(tmp_path, "printf 'hookdeck version 1.7.1' >&2")
    assert await ask(asking) == HookdeckVersion(1, 7, 1)


@pytest.mark.anyio
async def test_something_else_is_told_with_its_words(tmp_path: Path) -> None:
    """The error quotes a program of that name that is not Hookdeck."""
    with pytest.raises(TunnelFailed) as caught:
        await ask(script(tmp_path, "echo hello; exit 3"))
    assert caught.value.why == "hello"


@pytest.mark.anyio
async def test_silence_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that hangs is ended, and the error has the time limit."""
    monkeypatch.setattr(programs, "ASK_TIMEOUT_S", 0.2)
    with pytest.raises(TunnelFailed) as caught:
        await ask(script(tmp_path, "exec sleep 600"))
    assert caught.value.why == "no output within 0.2 s"


@pytest.mark.anyio
async def test_a_program_that_ends_without_a_word_is_told(tmp_path: Path) -> None:
    """The error does not speak of a time limit."""
    with pytest.raises(TunnelFailed) as caught:
        await ask(script(tmp_path, "exit 1"))
    assert caught.value.why == "no output"


@pytest.mark.anyio
async def test_what_cannot_be_run_is_told(tmp_path: Path) -> None:
    """No such file, or no program in it."""
    broken = tmp_path / "hookdeck"
    broken.write_bytes(b"\x00\x01")
    broken.chmod(0o755)
    for path in (broken, tmp_path / "none"):
        with pytest.raises(TunnelFailed, match="could not run"):
            await ask(HookdeckProgram((str(path),)))

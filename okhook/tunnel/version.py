"""Which version of the Hookdeck CLI this is, and whether it can be worked with."""

import re
from collections.abc import Mapping
from typing import NamedTuple, final

import anyio

from okhook.errors import TunnelFailed
from okhook.runtime.child import BeforeHardExit, StreamName, running_child
from okhook.tunnel.find import INSTALL, HookdeckProgram
from okhook.tunnel.lines import LineReader

ASK_TIMEOUT_S = 15.0
FETCH_TIMEOUT_S = 120.0

_SPOKEN = re.compile(r"hookdeck version v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")
_UPGRADE = "upgrade it: `npm install -g hookdeck-cli@2`, or `brew upgrade hookdeck`"
_LAST_WORDS = 10


@final
class HookdeckVersion(NamedTuple):
    """A version of the Hookdeck CLI. A pre-release counts as its release."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


OLDEST = HookdeckVersion(0, 11)
"""The first that takes --path; before it, a question on a terminal has to be answered."""

FIRST_TO_TELL_OF_CREATION = HookdeckVersion(1, 1)
"""Before it, nothing is said where a source did not exist and is made (seen with 0.11.3)."""

FIRST_THAT_WAKES = HookdeckVersion(2, 3, 2)
"""Before it, the session is lost silently after a sleep (hookdeck-cli #323)."""


def version_in(line: str) -> HookdeckVersion | None:
    """Return the version that a line of ``hookdeck version`` tells, if it tells one."""
    found = _SPOKEN.match(line)
    return HookdeckVersion(*(int(part or 0) for part in found.groups())) if found else None


def concern_about(version: HookdeckVersion) -> str | None:
    """Return what is wrong with a version that works all the same, or None.

    Raises:
        TunnelFailed: it is too old to work with.

    """
    if version < OLDEST:
        raise TunnelFailed(
            f"the Hookdeck CLI {version} is too old",
            why=f"versions before {OLDEST} have no --path and ask for it on a terminal",
            next_step=_UPGRADE,
        )
    if version < FIRST_THAT_WAKES:
        return (
            f"the Hookdeck CLI {version} loses its session silently when the machine sleeps:"
            f" it looks connected, and no event arrives; {_UPGRADE}"
        )
    return None


async def ask_version(
    program: HookdeckProgram,
    environ: Mapping[str, str],
    *,
    before_hard_exit: BeforeHardExit,
) -> HookdeckVersion:
    """Run ``hookdeck version`` until it has said which version it is.

    It then looks for a newer one in the network, which is not waited for.

    Raises:
        TunnelFailed: the program cannot be run, or does not say its version in time.

    """
    asking = _Asking()
    limit_s = FETCH_TIMEOUT_S if program.fetched else ASK_TIMEOUT_S
    try:
        async with running_child([*program.argv, "version"], environ=environ) as child:
            with before_hard_exit(child.kill_now), anyio.move_on_after(limit_s) as asking.scope:
                await child.follow(asking.take)
    except OSError as error:
        raise cannot_run(program, error) from error
    asking.end()
    if asking.version is None:
        raise TunnelFailed(
            f"{program} does not say which version of the Hookdeck CLI it is",
            why="\n".join(asking.lines[-_LAST_WORDS:]) or _silence(asking, limit_s),
            next_step=INSTALL,
        )
    return asking.version


def cannot_run(program: HookdeckProgram, error: OSError) -> TunnelFailed:
    """Return the error for a program that the system does not run."""
    return TunnelFailed(f"{program} cannot be run", why=error.strerror, next_step=INSTALL)


def _silence(asking: "_Asking", limit_s: float) -> str:
    timed_out = asking.scope is not None and asking.scope.cancelled_caught
    return f"it said nothing within {limit_s:g} s" if timed_out else "it ended and said nothing"


class _Asking:
    """Reads until a line tells the version."""

    def __init__(self) -> None:
        self.scope: anyio.CancelScope | None = None
        self.version: HookdeckVersion | None = None
        self.lines: list[str] = []
        self._readers: dict[StreamName, LineReader] = {
            "stdout": LineReader(),
            "stderr": LineReader(),
        }

    def take(self, stream: StreamName, chunk: bytes) -> None:
        for line in self._readers[stream].feed(chunk):
            self._read(line.text)

    def end(self) -> None:
        for reader in self._readers.values():
            for line in reader.end():
                self._read(line.text)

    def _read(self, text: str) -> None:
        self.lines.append(text)
        self.version = self.version or version_in(text)
        if self.version is not None and self.scope is not None:
            self.scope.cancel()

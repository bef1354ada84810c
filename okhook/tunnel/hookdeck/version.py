"""Ask the Hookdeck CLI for its version, and adapt to it. Errors are ``TunnelFailed``."""

import re
from collections.abc import Mapping
from typing import NamedTuple, final

import anyio

from okhook.errors import TunnelFailed
from okhook.runtime.child import BeforeHardExit, StreamName, running_child
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.hookdeck.parser import OutputParser
from okhook.tunnel.hookdeck.program import INSTALL, HookdeckProgram

ASK_TIMEOUT_S = 15.0
FETCH_TIMEOUT_S = 120.0

_VERSION = re.compile(r"hookdeck version v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")
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

    @property
    def tells_of_creation(self) -> bool:
        """Whether it reports that it creates a source (0.11.3 does not)."""
        return self >= (1, 1)

    def concern(self) -> str | None:
        """Return a warning about a known defect, or raise ``TunnelFailed`` if it is too old."""
        if self < OLDEST:
            raise TunnelFailed(
                f"the Hookdeck CLI {self} is too old",
                why=f"versions before {OLDEST} have no --path flag",
                next_step=_UPGRADE,
            )
        if self < (2, 3, 2):  # hookdeck-cli #323
            return (
                f"the Hookdeck CLI {self} looks connected after the machine sleeps, but receives no"
                f" events; {_UPGRADE}"
            )
        return None

    def listen_arguments(self, config: TunnelConfig) -> list[str]:
        """Return the arguments of ``hookdeck listen``."""
        # Without it Hookdeck draws on the whole screen (hookdeck-cli #333).
        compact = ("--output", "compact") if self >= (1, 1) else ()
        return [
            *("listen", str(config.port), config.source, "--path", config.path),
            *compact,
            *config.extra,
        ]


OLDEST = HookdeckVersion(0, 11)


def version_in(line: str) -> HookdeckVersion | None:
    """Return the version that a line of ``hookdeck version`` contains."""
    found = _VERSION.match(line)
    return HookdeckVersion(*(int(part or 0) for part in found.groups())) if found else None


async def ask_version(
    program: HookdeckProgram, environ: Mapping[str, str], *, before_hard_exit: BeforeHardExit
) -> HookdeckVersion:
    """Run ``hookdeck version`` until it prints its version, without its check for updates."""
    parser = OutputParser()
    lines: list[str] = []
    limit_s = FETCH_TIMEOUT_S if program.fetched else ASK_TIMEOUT_S

    def take(stream: StreamName, chunk: bytes) -> None:
        lines.extend(said.text for said in parser.feed(stream, chunk))
        if any(map(version_in, lines)):
            asking.cancel()

    try:
        async with running_child([*program.argv, "version"], environ=environ) as child:
            with before_hard_exit(child.kill_now), anyio.move_on_after(limit_s) as asking:
                await child.follow(take)
    except OSError as error:
        raise program.cannot_run(error) from error
    lines.extend(said.text for said in parser.end())
    version = next(filter(None, map(version_in, lines)), None)
    if version is None:
        limit = f" within {limit_s:g} s" if asking.cancelled_caught else ""
        raise TunnelFailed(
            f"{program} printed no version of the Hookdeck CLI",
            why="\n".join(lines[-_LAST_WORDS:]) or f"no output{limit}",
            next_step=INSTALL,
        )
    return version

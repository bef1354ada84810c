"""Which Hookdeck CLI to run, and how: find it, ask for its version, and adapt to it.

Errors are ``TunnelFailed``.
"""

import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, NamedTuple, TypeVar

import anyio

from okhook.config.setting import Setting
from okhook.errors import TunnelFailed
from okhook.runtime.child import BeforeHardExit, StreamName, running_child
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.parser import OutputParser

INSTALL = (
    "install it with `npm install -g hookdeck-cli`, `brew install hookdeck/hookdeck/hookdeck`"
    " or from https://github.com/hookdeck/hookdeck-cli/releases,\n"
    "or name the binary with --hookdeck PATH or OKHOOK_HOOKDECK"
)

_NPX_ARGUMENTS = ("--yes", "hookdeck-cli@2")
_WHERE = ("--yes", "--package", "hookdeck-cli@2", "-c", "command -v hookdeck")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
T = TypeVar("T")

_SECRET_FLAGS = ("--api-key", "--cli-key")


@dataclass(frozen=True, slots=True)
class HookdeckProgram:
    """The beginning of the CLI's ``argv``. If ``fetched``, npx may download it first.

    It runs in ``directory``, or else in the working directory.
    """

    argv: tuple[str, ...]
    fetched: bool = False
    directory: Path | None = None

    def __str__(self) -> str:
        return " ".join(self.argv)

    def cannot_run(self, error: OSError) -> TunnelFailed:
        """Return the error for a program that the system could not run."""
        return TunnelFailed(f"could not run {self}", why=error.strerror, next_step=INSTALL)


def find_hookdeck(named: Setting[str] | None, environ: Mapping[str, str]) -> HookdeckProgram:
    """Find the CLI: ``named`` (a path, or a name on PATH), else on PATH, else by npx."""
    search = environ.get("PATH", os.defpath)
    if named is not None:
        found = shutil.which(os.path.expanduser(named.value), path=search)  # noqa: PTH111 - a name stays one
        if found is None:
            raise TunnelFailed(
                f"{named.origin} is not an executable program: {named.value}", next_step=INSTALL
            )
        return HookdeckProgram((_binary_of(found),))
    if found := shutil.which("hookdeck", path=search):
        return HookdeckProgram((_binary_of(found),))
    if npx := shutil.which("npx", path=search):
        return HookdeckProgram((os.path.abspath(npx), *_NPX_ARGUMENTS), fetched=True)  # noqa: PTH100 - it keeps symlinks
    raise TunnelFailed(
        "the Hookdeck CLI is not installed",
        why="found neither hookdeck nor npx on PATH",
        next_step=INSTALL,
    )


def _binary_of(program: str) -> str:
    """Return the binary that the script of the npm package runs; another program as it is.

    If okhook is killed, the system ends the program that okhook runs, but not what that one runs.
    """
    script = Path(program).resolve()
    if script.name != "hookdeck.js":
        return program
    machine = platform.machine().lower()
    system = f"{sys.platform}-{_ARCHITECTURES.get(machine, machine)}"
    binary = script.parent.parent / "binaries" / system / "hookdeck"
    return str(binary) if os.access(binary, os.X_OK) else program


def secret_flag(extra: Sequence[str]) -> str | None:
    """Return the first of the user's arguments for ``hookdeck listen`` that carries a key."""
    names = (argument.partition("=")[0] for argument in extra)
    return next((name for name in names if name in _SECRET_FLAGS), None)


ASK_TIMEOUT_S = 15.0
FETCH_TIMEOUT_S = 120.0

_VERSION = re.compile(r"hookdeck version v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")
_BUILT_FROM_SOURCE = re.compile(r"hookdeck version (\S{1,60})")
_UPGRADE = "upgrade it: `npm install -g hookdeck-cli@2`, or `brew upgrade hookdeck`"
_LAST_WORDS = 10
_FIRST_WORDS = 4
_NPM_ERROR = re.compile(r"npm (?:error|ERR!) ")


class HookdeckVersion(NamedTuple):
    """A version of the Hookdeck CLI. A pre-release counts as its release.

    One that was built from source has a ``name``, such as ``master``, and counts as the newest.
    """

    major: int
    minor: int
    patch: int = 0
    name: str | None = None

    def __str__(self) -> str:
        return self.name or f"{self.major}.{self.minor}.{self.patch}"

    def concern(self) -> str | None:
        """Return a warning about a known defect, or raise ``TunnelFailed`` if it is too old."""
        if self.name is not None:
            return (
                f"okhook does not know the Hookdeck CLI {self}, and runs it like the newest;"
                " if it does not work, install a release: `npm install -g hookdeck-cli@2`"
            )
        if self[:3] < OLDEST[:3]:
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

    def listen_arguments(self, config: HookdeckConfig) -> list[str]:
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
    if found := _VERSION.match(line):
        major, minor, patch = (int(part or 0) for part in found.groups())
        return HookdeckVersion(major, minor, patch)
    named = _BUILT_FROM_SOURCE.fullmatch(line.strip())
    return HookdeckVersion(sys.maxsize, 0, name=named[1]) if named else None


def _program_in(line: str) -> str | None:
    """Return the line if it is the whole path of a program."""
    return line if line.startswith("/") and shutil.which(line) else None


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    """What a program said, and what was read from it."""

    lines: Sequence[str]
    read: T | None
    timed_out: bool


async def _ask(
    program: HookdeckProgram,
    arguments: Sequence[str],
    environ: Mapping[str, str],
    read: Callable[[str], T | None],
    *,
    limit_s: float,
    before_hard_exit: BeforeHardExit,
) -> _Answer[T]:
    """Run the program until it prints a line that can be read."""
    if program.fetched:  # npm tries a registry that it cannot reach for more than a minute
        environ = {**environ, "npm_config_fetch_retries": "0"}
    parser = OutputParser()
    lines: list[str] = []

    def take(stream: StreamName, chunk: bytes) -> None:
        lines.extend(said.text for said in parser.feed(stream, chunk))
        if any(map(read, lines)):
            asking.cancel()

    try:
        argv = [*program.argv, *arguments]
        async with running_child(argv, environ=environ, directory=program.directory) as child:
            with before_hard_exit(child.kill_now), anyio.move_on_after(limit_s) as asking:
                await child.follow(take)
    except OSError as error:
        raise program.cannot_run(error) from error
    lines.extend(said.text for said in parser.end())
    found = next(filter(None, map(read, lines)), None)
    return _Answer(lines, found, asking.cancelled_caught)


@contextmanager
def apart_from_project(program: HookdeckProgram) -> Iterator[HookdeckProgram]:
    """Have npx run in a directory of its own during the block; another program as it is.

    npx runs what the working directory has in ``node_modules``, and its ``.npmrc`` names the
    registry and the shell. Those come with a cloned repository, so they may be a stranger's.
    """
    if not program.fetched:
        yield program
        return
    with ExitStack() as until:
        try:
            made = Path(until.enter_context(TemporaryDirectory(prefix="okhook-npx-")))
            (made / "package.json").write_text("{}")  # or npx looks in the directories above
        except OSError as error:
            raise program.cannot_run(error) from error
        yield replace(program, directory=made)


async def fetched(
    program: HookdeckProgram, environ: Mapping[str, str], *, before_hard_exit: BeforeHardExit
) -> HookdeckProgram:
    """Return the binary that npx runs, after npx downloaded it; another program as it is."""
    if not program.fetched:
        return program
    npx = replace(program, argv=program.argv[:1])
    why: str | None = None
    for cached in ((), ("--offline",)):
        answer = await _ask(
            npx,
            (*cached, *_WHERE),
            environ,
            _program_in,
            limit_s=FETCH_TIMEOUT_S,
            before_hard_exit=before_hard_exit,
        )
        if answer.read is not None:
            return HookdeckProgram((_binary_of(answer.read),))
        why = why or _why_not_fetched(answer)
    if why is None:
        return program
    raise TunnelFailed(
        "npx could not download the Hookdeck CLI",
        why=why,
        next_step=f"check the network and HTTPS_PROXY, or {INSTALL}",
    )


def _why_not_fetched(answer: "_Answer[str]") -> str | None:
    """Return the first lines of npm's error."""
    if answer.timed_out:
        return f"npx took more than {FETCH_TIMEOUT_S:g} s"
    errors = [line for line in answer.lines if _NPM_ERROR.match(line)]
    return "\n".join(errors[:_FIRST_WORDS]) or None


async def ask_version(
    program: HookdeckProgram, environ: Mapping[str, str], *, before_hard_exit: BeforeHardExit
) -> HookdeckVersion:
    """Run ``hookdeck version`` until it prints its version, without its check for updates."""
    limit_s = FETCH_TIMEOUT_S if program.fetched else ASK_TIMEOUT_S
    answer = await _ask(
        program,
        ("version",),
        environ,
        version_in,
        limit_s=limit_s,
        before_hard_exit=before_hard_exit,
    )
    if answer.read is None:
        limit = f" within {limit_s:g} s" if answer.timed_out else ""
        raise TunnelFailed(
            f"{program} printed no version of the Hookdeck CLI",
            why="\n".join(answer.lines[-_LAST_WORDS:]) or f"no output{limit}",
            next_step=INSTALL,
        )
    return answer.read

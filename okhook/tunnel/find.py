"""Where the Hookdeck CLI is: the one that was named, the one on PATH, or npx to fetch it."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from okhook.errors import TunnelFailed

PROGRAM = "hookdeck"
NPX_ARGUMENTS = ("--yes", "hookdeck-cli@2")
INSTALL = (
    "install it with `npm install -g hookdeck-cli`, `brew install hookdeck/hookdeck/hookdeck`"
    " or from https://github.com/hookdeck/hookdeck-cli/releases,\n"
    "or name the binary with --hookdeck PATH or OKHOOK_HOOKDECK"
)


@dataclass(frozen=True, slots=True)
class HookdeckProgram:
    """How the CLI is called: ``argv`` comes before its own arguments.

    ``fetched`` tells that npx may have to download it first, which takes a while.
    """

    argv: tuple[str, ...]
    fetched: bool = False

    def __str__(self) -> str:
        return " ".join(self.argv)


def find_hookdeck(named: str | None, *, origin: str, environ: Mapping[str, str]) -> HookdeckProgram:
    """Return the CLI called ``named`` (a path, or a name on PATH), or the one that is there.

    ``origin`` says where the name was set, for the error.

    Raises:
        TunnelFailed: there is none.

    """
    search = environ.get("PATH", os.defpath)
    if named is not None:
        found = shutil.which(os.path.expanduser(named), path=search)  # noqa: PTH111 - a name stays one
        if found is None:
            raise TunnelFailed(
                f"{origin} names no program that can be run: {named}", next_step=INSTALL
            )
        return HookdeckProgram((found,))
    if found := shutil.which(PROGRAM, path=search):
        return HookdeckProgram((found,))
    if npx := shutil.which("npx", path=search):
        return HookdeckProgram((npx, *NPX_ARGUMENTS), fetched=True)
    raise TunnelFailed(
        "the Hookdeck CLI is not installed",
        why="there is neither hookdeck nor npx on PATH",
        next_step=INSTALL,
    )

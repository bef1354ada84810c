"""Find the Hookdeck CLI, and prepare its environment. Errors are ``TunnelFailed``."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from okhook.config.setting import Setting
from okhook.errors import TunnelFailed

INSTALL = (
    "install it with `npm install -g hookdeck-cli`, `brew install hookdeck/hookdeck/hookdeck`"
    " or from https://github.com/hookdeck/hookdeck-cli/releases,\n"
    "or name the binary with --hookdeck PATH or OKHOOK_HOOKDECK"
)

_NPX_ARGUMENTS = ("--yes", "hookdeck-cli@2")
_PRIVATE = ("OKHOOK_", "OKTA_")
_SECRET_FLAGS = ("--api-key", "--cli-key")


@dataclass(frozen=True, slots=True)
class HookdeckProgram:
    """The beginning of the CLI's ``argv``. If ``fetched``, npx may download it first."""

    argv: tuple[str, ...]
    fetched: bool = False

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
        return HookdeckProgram((found,))
    if found := shutil.which("hookdeck", path=search):
        return HookdeckProgram((found,))
    if npx := shutil.which("npx", path=search):
        return HookdeckProgram((npx, *_NPX_ARGUMENTS), fetched=True)
    raise TunnelFailed(
        "the Hookdeck CLI is not installed",
        why="found neither hookdeck nor npx on PATH",
        next_step=INSTALL,
    )


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without the settings of okhook and the credentials of Okta."""
    return {name: value for name, value in environ.items() if not name.startswith(_PRIVATE)}


def secret_flag(extra: Sequence[str]) -> str | None:
    """Return the first of the user's arguments for ``hookdeck listen`` that carries a key."""
    names = (argument.partition("=")[0] for argument in extra)
    return next((name for name in names if name in _SECRET_FLAGS), None)

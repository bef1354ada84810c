"""Which account the Hookdeck CLI uses, by its own configuration. Its key is never kept."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from okhook.errors import TunnelFailed

_KEY_VARIABLE = "HOOKDECK_API_KEY"
_CONFIG_VARIABLE = "HOOKDECK_CONFIG_FILE"
_DEFAULT_PROFILE = "default"


class HookdeckAccount(StrEnum):
    """Whose webhook URLs a tunnel gets."""

    LOGGED_IN = "logged in"
    GUEST = "guest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class HookdeckLogin:
    """The account, where that is configured, and the id of the project if it is known."""

    account: HookdeckAccount
    origin: str
    project: str | None = None


def hookdeck_login(environ: Mapping[str, str], directory: Path) -> HookdeckLogin:
    """Return the login that a Hookdeck started in ``directory`` uses.

    The order is Hookdeck's: ``HOOKDECK_API_KEY``, the file that ``HOOKDECK_CONFIG_FILE`` names,
    ``.hookdeck/config.toml`` in the directory, the user's own file.

    Raises:
        TunnelFailed: a file exists and cannot be read.

    """
    if environ.get(_KEY_VARIABLE):
        return HookdeckLogin(HookdeckAccount.LOGGED_IN, _KEY_VARIABLE)
    files = _files(environ, directory)
    found = next((login for path in files if (login := _login_in(path)) is not None), None)
    return found or HookdeckLogin(HookdeckAccount.NONE, str(files[-1]))


def _files(environ: Mapping[str, str], directory: Path) -> list[Path]:
    home = Path(environ.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - the child's HOME
    own = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "hookdeck" / "config.toml"
    if named := environ.get(_CONFIG_VARIABLE):
        return [Path(named)]
    return [directory / ".hookdeck" / "config.toml", own]


def _login_in(path: Path) -> HookdeckLogin | None:
    """Return the login in the file, or None if there is no file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise TunnelFailed(
            f"Hookdeck's configuration {path} cannot be read",
            why=error.strerror,
            next_step="see that this user may read it, or log in again: hookdeck login",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise TunnelFailed(
            f"Hookdeck's configuration {path} is not TOML",
            next_step="mend it, or move it away and log in again: hookdeck login",
        ) from None
    named = content.get("profile")
    profile = content.get(named if isinstance(named, str) else _DEFAULT_PROFILE)
    values = profile if isinstance(profile, dict) else {}
    if not values.get("api_key"):
        return HookdeckLogin(HookdeckAccount.NONE, str(path))
    account = HookdeckAccount.GUEST if values.get("guest_url") else HookdeckAccount.LOGGED_IN
    project = next((values[key] for key in ("project_id", "workspace_id") if values.get(key)), None)
    return HookdeckLogin(account, str(path), project if isinstance(project, str) else None)

"""Read which account the Hookdeck CLI uses. The key is never kept."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from okhook.config.plain_file import plain_text
from okhook.config.toml import toml_of
from okhook.errors import TunnelFailed

_KEY_VARIABLE = "HOOKDECK_API_KEY"
_IN_PROJECT = Path(".hookdeck") / "config.toml"


@dataclass(frozen=True, slots=True)
class HookdeckLogin:
    """A login, and where it is configured."""

    origin: str
    is_guest: bool = False
    project: str | None = None


def hookdeck_login(environ: Mapping[str, str], directory: Path) -> HookdeckLogin | None:
    """Return the login that Hookdeck uses if it is started in ``directory``.

    The first of these decides, as in Hookdeck: ``HOOKDECK_API_KEY``, the file that
    ``HOOKDECK_CONFIG_FILE`` names, ``.hookdeck/config.toml`` in the directory, the user's file.
    """
    if environ.get(_KEY_VARIABLE):
        return HookdeckLogin(_KEY_VARIABLE)
    for path in _files(environ, directory):
        config = _config_in(path)
        if config is not None:
            return _login_in(config, str(path))
    return None


def projects_config(environ: Mapping[str, str], directory: Path) -> Path | None:
    """Return Hookdeck's configuration in ``directory``, if Hookdeck uses it unasked.

    It chooses the account and its address. It may come with a cloned repository.
    """
    if environ.get("HOOKDECK_CONFIG_FILE"):
        return None
    found = directory / _IN_PROJECT
    return found if os.path.lexists(found) else None


def _files(environ: Mapping[str, str], directory: Path) -> list[Path]:
    home = Path(environ.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - the child's HOME
    own = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "hookdeck" / "config.toml"
    if named := environ.get("HOOKDECK_CONFIG_FILE"):
        return [Path(named)]
    return [directory / _IN_PROJECT, own]


def _config_in(path: Path) -> dict[str, Any] | None:
    try:
        return toml_of(plain_text(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise TunnelFailed(
            f"could not read Hookdeck's configuration {path}",
            why=error.strerror,
            next_step="check its permissions, or log in again: hookdeck login",
        ) from error
    except ValueError:
        raise TunnelFailed(
            f"Hookdeck's configuration {path} is not valid TOML",
            next_step="fix it, or delete it and log in again: hookdeck login",
        ) from None


def _login_in(config: Mapping[str, Any], origin: str) -> HookdeckLogin | None:
    named = config.get("profile")
    profile = config.get(named if isinstance(named, str) else "default")
    if not isinstance(profile, dict) or not profile.get("api_key"):
        return None
    project = profile.get("project_id") or profile.get("workspace_id")
    return HookdeckLogin(
        origin,
        is_guest=bool(profile.get("guest_url")),
        project=project if isinstance(project, str) else None,
    )

"""The files and directories of okhook."""

import os
from collections.abc import Mapping
from errno import ENAMETOOLONG
from pathlib import Path

from okhook.config.setting import Setting
from okhook.errors import ConfigurationError
from okhook.text import REMOVE_QUOTES, is_quoted, plain

FILE_NAME = "okhook.toml"


def working_directory() -> Path:
    """Return the working directory."""
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigurationError(
            "the working directory does not exist",
            why=error.strerror,
            next_step="change to another directory: cd",
        ) from error


def expanded(path: str, origin: str) -> Path:
    """Return a path from a setting, with the home directory in the place of ``~``."""
    if is_quoted(path):
        raise ConfigurationError(f"{origin}: the value is in quotes", next_step=REMOVE_QUOTES)
    try:
        return _possible(Path(path).expanduser(), origin)
    except RuntimeError:
        home = path.partition("/")[0]
        raise ConfigurationError(
            f"{origin}: could not resolve {home}",
            why=_why_no_home() if home == "~" else f"this machine has no user {home[1:]}",
            next_step="set HOME, or write the whole path"
            if home == "~"
            else f"write the whole path, or ./{path} if the name begins with ~",
        ) from None


def file_to_write(path: str, origin: str) -> Path:
    """Return the path of a file that may not exist yet; raise the setting's fault for a directory.

    A slash at the end names a directory, also one that does not exist.
    """
    found = expanded(path, origin)
    is_directory = found.is_dir()
    if not is_directory and not path.endswith("/"):
        return found
    why = "it is a directory" if is_directory else "the directory does not exist"
    if found.is_file():
        why = "it is a file, and a slash at the end names a directory"
    raise Setting(path, origin).fault(
        f"{origin} does not name a file: {plain(path, limit=200)}",
        why=why,
        next_step="remove the slash" if found.is_file() else "name a file in an existing directory",
    )


def state_directory(environ: Mapping[str, str]) -> Path:
    """Return the state directory: ``OKHOOK_HOME``, or the platform's default."""
    if home := environ.get("OKHOOK_HOME"):
        return expanded(home, "OKHOOK_HOME")
    import platformdirs

    try:
        default = platformdirs.user_state_path("okhook", appauthor=False)
    except RuntimeError:
        raise ConfigurationError(
            "found no directory for okhook's files",
            why=_why_no_home(),
            next_step="set OKHOOK_HOME or HOME",
        ) from None
    return _possible(default, "the state directory")


def home_directory() -> Path | None:
    """Return the user's home directory; None if neither HOME nor the system names one."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _why_no_home() -> str:
    """Return why the home directory is not known."""
    if home := os.environ.get("HOME"):
        return f"HOME is not an absolute path: {plain(home, limit=80)}"
    return "HOME is not set, and this user has no home directory"


def _possible(path: Path, origin: str) -> Path:
    """Return ``path``, unless no file can have it: every look at it fails."""
    try:
        path.stat()
    except OSError as error:
        if error.errno == ENAMETOOLONG:
            shown = plain(str(path), limit=80)
            raise Setting(path, origin).fault(f"{origin}: {error.strerror}: {shown}") from None
    except ValueError:
        raise Setting(path, origin).fault(f"{origin}: no path can have the character NUL") from None
    return path


def store_file(state: Path) -> Path:
    """Return the file of the store."""
    return state / "store.db"


def run_directory(state: Path) -> Path:
    """Return the directory of the run files."""
    return state / "run"


def uptime_directory(state: Path) -> Path:
    """Return the directory of the files that record when receivers ran."""
    return state / "uptime"


def user_file(environ: Mapping[str, str]) -> Path | None:
    """Return the user's settings file: ``OKHOOK_CONFIG``, or the platform's default.

    None if that is in the home directory, and there is none.
    """
    if named := environ.get("OKHOOK_CONFIG"):
        return expanded(named, "OKHOOK_CONFIG")
    import platformdirs

    try:
        return platformdirs.user_config_path("okhook", appauthor=False) / FILE_NAME
    except RuntimeError:
        return None

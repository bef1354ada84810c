"""The files and directories of okhook."""

from collections.abc import Mapping
from pathlib import Path

from okhook.errors import ConfigurationError
from okhook.text import REMOVE_QUOTES, is_quoted

FILE_NAME = "okhook.toml"

_NO_HOME = "HOME is not set, and this user has no home directory"


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
        return Path(path).expanduser()
    except RuntimeError:
        raise ConfigurationError(
            f"{origin}: could not resolve ~",
            why=_NO_HOME,
            next_step="set HOME, or write the whole path",
        ) from None


def state_directory(environ: Mapping[str, str]) -> Path:
    """Return the state directory: ``OKHOOK_HOME``, or the platform's default."""
    if home := environ.get("OKHOOK_HOME"):
        return expanded(home, "OKHOOK_HOME")
    import platformdirs

    try:
        return platformdirs.user_state_path("okhook", appauthor=False)
    except RuntimeError:
        raise ConfigurationError(
            "found no directory for okhook's files",
            why=_NO_HOME,
            next_step="set OKHOOK_HOME or HOME",
        ) from None


def home_directory() -> Path | None:
    """Return the user's home directory; None if neither HOME nor the system names one."""
    try:
        return Path.home()
    except RuntimeError:
        return None


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

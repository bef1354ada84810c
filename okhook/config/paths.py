"""The files and directories of okhook."""

from collections.abc import Mapping
from pathlib import Path

from okhook.errors import ConfigurationError
from okhook.text import REMOVE_QUOTES, is_quoted

PROJECT_FILE = "okhook.toml"


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
            f"{origin}: cannot tell which directory the ~ is",
            why="HOME is not set, and the system knows no home directory of this user",
            next_step="set HOME, or write the whole path",
        ) from None


def state_directory(environ: Mapping[str, str]) -> Path:
    """Return the state directory: ``OKHOOK_HOME``, or the platform's default."""
    if home := environ.get("OKHOOK_HOME"):
        return expanded(home, "OKHOOK_HOME")
    import platformdirs

    return platformdirs.user_state_path("okhook", appauthor=False)


def store_file(state: Path) -> Path:
    """Return the file of the store."""
    return state / "store.db"


def run_directory(state: Path) -> Path:
    """Return the directory of the run files."""
    return state / "run"


def uptime_directory(state: Path) -> Path:
    """Return the directory of the files that record when receivers ran."""
    return state / "uptime"


def user_file(environ: Mapping[str, str]) -> Path:
    """Return the user's settings file: ``OKHOOK_CONFIG``, or the platform's default."""
    if named := environ.get("OKHOOK_CONFIG"):
        return expanded(named, "OKHOOK_CONFIG")
    import platformdirs

    return platformdirs.user_config_path("okhook", appauthor=False) / PROJECT_FILE

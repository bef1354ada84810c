"""Where okhook keeps things on this machine."""

from collections.abc import Mapping
from pathlib import Path

from okhook.errors import ConfigurationError

PROJECT_FILE = "okhook.toml"


def working_directory() -> Path:
    """Return the working directory, which may have an ``okhook.toml``.

    Raises:
        ConfigurationError: it was deleted, or cannot be read.
    """
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigurationError(
            "the working directory is not there any more",
            why=error.strerror,
            next_step="go to one that is: cd",
        ) from error


def state_directory(environ: Mapping[str, str]) -> Path:
    """Return the directory of the store and the run files: ``OKHOOK_HOME``, or the platform's."""
    if home := environ.get("OKHOOK_HOME"):
        return Path(home).expanduser()
    import platformdirs

    return platformdirs.user_state_path("okhook", appauthor=False)


def store_file(state: Path) -> Path:
    """Return the store's file in the state directory."""
    return state / "store.db"


def run_directory(state: Path) -> Path:
    """Return the directory of the run files in the state directory."""
    return state / "run"


def uptime_directory(state: Path) -> Path:
    """Return the directory of the files that say when a receiver ran."""
    return state / "uptime"


def user_file(environ: Mapping[str, str]) -> Path:
    """Return the user's own settings file: ``OKHOOK_CONFIG``, or the platform's place for it."""
    if named := environ.get("OKHOOK_CONFIG"):
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_config_path("okhook", appauthor=False) / PROJECT_FILE

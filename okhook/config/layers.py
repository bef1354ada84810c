"""Read settings from flags, environment variables and files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from okhook.config.in_project import InProject
from okhook.config.paths import FILE_NAME, user_file
from okhook.config.plain_file import plain_text
from okhook.config.setting import PROJECT_FILE, Layer, Setting
from okhook.config.settings import Settings, declared_settings
from okhook.config.toml import toml_of
from okhook.errors import ConfigurationError
from okhook.text import REMOVE_QUOTES, did_you_mean, is_quoted


def load_settings(flags: Layer, environ: Mapping[str, str], directory: Path) -> Settings:
    """Read all layers.

    Raises:
        InvalidInput: a flag has an invalid value, even one that the command does not need.
        ConfigurationError: a file cannot be used, or has such a value.
    """
    own, project = user_file(environ), directory / FILE_NAME
    files = []
    if own is None or not _are_same(own, project):
        files.append(_without_ignored(file_layer(project, PROJECT_FILE), own))
    if own is not None:
        files.append(file_layer(own, str(own)))
    declared = declared_settings()
    for layer in (flags, *files):
        for name, value in layer.values.items():
            declared[name].read(Setting(value, layer.origins[name]))
    return Settings([flags, environment_layer(environ), *files])


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Return the layer of the ``OKHOOK_*`` variables. An empty variable counts as unset.

    Raises:
        ConfigurationError: a value is in quotes. A secret is not guessed to be without them.
    """
    variables = {name: declared.variable for name, declared in declared_settings().items()}
    given = {name: environ[v] for name, v in variables.items() if environ.get(v)}
    if quoted := [variables[name] for name, value in given.items() if is_quoted(value)]:
        named = ", ".join(quoted)
        raise ConfigurationError(f"{named}: the value is in quotes", next_step=REMOVE_QUOTES)
    return Layer(given, {name: variables[name] for name in given})


def file_layer(path: Path, shown: str) -> Layer:
    """Return the layer of a TOML file; a missing file is an empty layer.

    Raises:
        ConfigurationError: it cannot be read, is no plain file of up to 1 MiB, is not TOML, or has
            an unknown key.
    """
    try:
        values = toml_of(plain_text(path))
    except (FileNotFoundError, NotADirectoryError):  # HOME may be /dev/null
        return Layer({}, {})
    except OSError as error:
        raise ConfigurationError(
            f"could not read {shown}",
            why=error.strerror,
            next_step="fix or remove it, or set OKHOOK_CONFIG to another file",
        ) from error
    except ValueError as error:
        raise ConfigurationError(
            f"{shown} is not valid TOML",
            why=str(error),
            next_step='write it like port = 1337 or org = "dev-123.okta.com"',
        ) from error
    _reject_unknown(values, shown)
    return Layer(values, {name: f"{name} in {shown}" for name in values})


def _are_same(own: Path, project: Path) -> bool:
    """Return whether the project's file is the user's own, as OKHOOK_CONFIG=okhook.toml says."""
    try:
        return own.samefile(project)
    except OSError:
        return False


def _without_ignored(project: Layer, own: Path | None) -> Layer:
    """Return the layer of the project's file without what it may not set, and a warning for it."""
    ignored = {
        name: declared
        for name, declared in declared_settings().items()
        if declared.in_project is InProject.IGNORED and name in project.values
    }
    return Layer(
        {name: value for name, value in project.values.items() if name not in ignored},
        project.origins,
        tuple(
            f"{project.origins[name]} is ignored: it is not allowed in a project's file;"
            f" set {declared.variable}" + (f", or {name} in {own}" if own else "")
            for name, declared in ignored.items()
        ),
    )


def _reject_unknown(values: Mapping[str, Any], shown: str) -> None:
    declared = declared_settings()
    for name, value in values.items():
        if isinstance(value, dict):
            raise ConfigurationError(
                f"unexpected table in {shown}: [{name}]",
                next_step=f"remove the line [{name}]: okhook.toml has no tables",
            )
        if name in declared:
            continue
        raise ConfigurationError(
            f"unknown setting in {shown}: {name}",
            next_step=did_you_mean(name, declared)
            or "remove it; to list all settings, run okhook help settings",
        )

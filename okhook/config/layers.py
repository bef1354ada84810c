"""The layers that settings come from, each value with the place where it stands."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from okhook.config.keys import KEYS, is_key, key_named
from okhook.config.paths import PROJECT_FILE
from okhook.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Layer:
    """Values by key. ``origins`` names the place of each, as a person would look for it."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]


def flag_layer(flags: Mapping[str, Any]) -> Layer:
    """Return the layer of the flags that were given: None and an empty list mean "not given"."""
    given = {name: value for name, value in flags.items() if value is not None and value != []}
    return Layer(given, {name: key_named(name).flag for name in given})


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Return the layer of the ``OKHOOK_*`` variables. An empty one counts as not set."""
    given = {key.name: environ[key.variable] for key in KEYS if environ.get(key.variable)}
    return Layer(given, {name: key_named(name).variable for name in given})


def file_layer(path: Path, shown: str) -> Layer:
    """Return the layer of a TOML file; one that is not there is an empty layer.

    Raises:
        ConfigurationError: it cannot be read, is not TOML, or holds a key that means nothing,
            which would otherwise be a typing error without effect.

    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Layer({}, {})
    except OSError as error:
        raise ConfigurationError(f"{shown} cannot be read", why=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{shown} is not TOML",
            why=str(error),
            next_step='write it like port = 1337 or org = "dev-123.okta.com"',
        ) from error
    _reject_unknown(values, shown)
    return Layer(values, {name: f"{name} in {shown}" for name in values})


def all_layers(
    flags: Mapping[str, Any], environ: Mapping[str, str], directory: Path, user_file: Path
) -> list[Layer]:
    """Return every layer, strongest first."""
    return [
        flag_layer(flags),
        environment_layer(environ),
        file_layer(directory / PROJECT_FILE, f"./{PROJECT_FILE}"),
        file_layer(user_file, str(user_file)),
    ]


def _reject_unknown(names: Iterable[str], shown: str) -> None:
    for name in names:
        if is_key(name):
            continue
        near = difflib.get_close_matches(name, [key.name for key in KEYS], n=1)
        raise ConfigurationError(
            f"{shown} holds a setting that does not exist: {name}",
            next_step=f"did you mean {near[0]}?" if near else "remove it; README lists them all",
        )

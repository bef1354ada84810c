"""The hook's secret from the settings: a header and its value, or HTTP Basic, or a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from okhook.config.setting import Layer, Setting
from okhook.config.settings import Settings
from okhook.errors import OkhookError
from okhook.secret import HookAuth, Secret

_WAYS = ("auth_secret", "auth_secret_file", "basic_auth")


def hook_auth(settings: Settings) -> Setting[HookAuth] | None:
    """Return the header that Okta is to send, or None if no secret is set.

    The strongest layer that sets a secret counts. It may do so with one setting only.

    Raises:
        InvalidInput, ConfigurationError: two settings of one layer have a secret, the secret is
            empty or cannot be sent in a header, or its file cannot be read.
    """
    for layer in settings.layers:
        ways = [way for way in _WAYS if way in layer.values]
        if len(ways) > 1:
            named = " and ".join(layer.origins[way] for way in ways)
            raise _fault(layer.origins[ways[0]], f"{named} contradict each other: set one of them")
        if ways:
            return _auth(settings, layer, ways[0])
    return None


def names_field(settings: Settings) -> bool:
    """Tell whether the settings name the header that carries the secret."""
    way = next((way for layer in settings.layers for way in _WAYS if way in layer.values), None)
    return way == "basic_auth" or not settings.auth_field.is_default


def _auth(settings: Settings, layer: Layer, way: str) -> Setting[HookAuth]:
    origin = layer.origins[way]
    secret = _secret(layer.values, way, origin)
    if way == "basic_auth":
        try:
            return Setting(HookAuth.basic(secret), origin)
        except ValueError as error:
            raise _fault(origin, f"{origin}: {error}") from None
    field = settings.auth_field
    if not field.value or not _is_token(field.value):
        raise _fault(field.origin, f"{field.origin} is not a header name")
    return Setting(HookAuth(field.value, secret), origin)


def _secret(values: Mapping[str, Any], way: str, origin: str) -> Secret:
    value = values[way]
    if not isinstance(value, str):
        raise _fault(origin, f"invalid {origin}: expected text in quotes")
    text = _content(Path(value).expanduser(), origin) if way == "auth_secret_file" else value
    if not text:
        raise _fault(origin, f"{origin}: the secret is empty")
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise _fault(
            origin,
            f"{origin}: a header cannot carry this secret",
            why="it holds characters outside printable ASCII, or blanks at an end",
        )
    return Secret(text)


def _content(path: Path, origin: str) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise _fault(origin, f"{origin}: {path} cannot be read", why=error.strerror) from error
    except UnicodeDecodeError as error:
        raise _fault(origin, f"{origin}: {path} is not text", why=error.reason) from error


def _is_token(name: str) -> bool:
    """Tell whether ``name`` is a header name (RFC 9110: a token)."""
    return name.isascii() and all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in name)


def _fault(origin: str, what: str, *, why: str | None = None) -> OkhookError:
    return Setting(None, origin).fault(what, why=why)

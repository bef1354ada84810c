"""The hook's secret from the settings: a header and its value, HTTP Basic, or a file."""

from typing import Any

from okhook.config.paths import expanded
from okhook.config.plain_file import piped_text
from okhook.config.setting import Setting
from okhook.config.settings import Settings
from okhook.secret import HookAuth, Secret
from okhook.text import is_header_name

_WAYS = ("auth_secret", "auth_secret_file", "basic_auth")


def hook_auth(settings: Settings) -> Setting[HookAuth] | None:
    """Return the header that Okta should send, from the strongest layer that sets a secret.

    Raises:
        InvalidInput, ConfigurationError: a layer sets two secrets, the secret is empty or cannot be
            sent in a header, or its file cannot be read.
    """
    for layer in settings.layers:
        ways = [way for way in _WAYS if way in layer.values]
        if not ways:
            continue
        found = Setting(layer.values[ways[0]], layer.origins[ways[0]])
        if len(ways) > 1:
            named = " and ".join(layer.origins[way] for way in ways)
            raise found.fault(f"{named} cannot be used together: set one of them")
        return Setting(_auth(settings, found, ways[0]), found.origin)
    return None


def names_field(settings: Settings) -> bool:
    """Return whether the settings name the header of the secret."""
    way = next((way for layer in settings.layers for way in _WAYS if way in layer.values), None)
    return way == "basic_auth" or not settings.auth_field.is_default


def _auth(settings: Settings, found: Setting[Any], way: str) -> HookAuth:
    secret = header_secret(found, in_file=way == "auth_secret_file")
    if way == "basic_auth":
        try:
            return HookAuth.basic(secret)
        except ValueError as error:
            raise found.fault(f"{found.origin}: {error}") from None
    field = settings.auth_field
    if not is_header_name(field.value):
        raise field.fault(f"{field.origin} is not a header name")
    return HookAuth(field.value, secret)


def header_secret(found: Setting[Any], *, in_file: bool = False) -> Secret:
    """Return a secret, or the one in the file that ``found`` names.

    Raises:
        InvalidInput, ConfigurationError: it is empty or cannot be sent in a header, or its file
            cannot be read.
    """
    if not isinstance(found.value, str):
        raise found.hidden().must_be("text in quotes")
    if not found.value.strip():
        raise found.fault(f"{found.origin} is empty")
    text = _content(found) if in_file else found.value
    if not text:
        raise found.fault(f"{found.origin}: the secret is empty")
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise found.fault(
            f"{found.origin}: a header cannot carry this secret",
            why="it has characters other than printable ASCII, or spaces at its start or end",
        )
    return Secret(text)


def _content(found: Setting[str]) -> str:
    path = expanded(found.value, found.origin)
    try:
        return piped_text(path).rstrip("\r\n")
    except OSError as error:
        raise found.fault(f"{found.origin}: could not read {path}", why=error.strerror) from error
    except UnicodeDecodeError as error:
        raise found.fault(f"{found.origin}: {path} is not text", why=error.reason) from error

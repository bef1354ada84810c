"""Redact secrets in answers: an org or an endpoint may repeat what it was sent."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from okhook.secret import Secret

Hush = Callable[[str], str]
"""Redacts known secrets in a text. Call it before the text is cut, never after."""

_SHORTEST = 6
"""Anything shorter occurs in ordinary words, and redacting it would damage them."""

_BLOT = "…"


def hushing(secrets: Iterable[Secret]) -> Hush:
    """Return a function that redacts ``secrets`` in a text."""
    kept = tuple(secrets)
    return lambda text: without_secrets(text, kept)


def without_secrets(text: str, secrets: Iterable[Secret]) -> str:
    """Return ``text`` with each secret redacted, and also the last word of each secret.

    The last word of ``Basic dXNlcjpwdw==`` is a secret by itself.
    """
    for spelling in _spellings(secrets):
        text = text.replace(spelling, _BLOT)
    return text


def object_without_secrets(value: Any, secrets: Iterable[Secret]) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON value with the secrets redacted in every string and key."""
    kept = tuple(secrets)
    match value:
        case str():
            return without_secrets(value, kept)
        case list():
            return [object_without_secrets(item, kept) for item in value]
        case dict():
            return {
                without_secrets(key, kept): object_without_secrets(item, kept)
                for key, item in value.items()
            }
        case _:
            return value


def _spellings(secrets: Iterable[Secret]) -> Iterator[str]:
    """Yield the forms of each secret, longest first: as JSON, as it is, its last word."""
    for secret in secrets:
        value = secret.reveal()
        as_json = json.dumps(value)[1:-1]
        last_word = value.rsplit(" ", 1)[-1]
        for spelling in dict.fromkeys((as_json, value, last_word)):
            if len(spelling) >= _SHORTEST:
                yield spelling

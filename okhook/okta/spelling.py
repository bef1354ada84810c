"""How people spell parts of a hook on a command line: headers and filters."""

from collections.abc import Sequence

from okhook.errors import InvalidInput


def headers_of(spelled: Sequence[str], flag: str = "--header") -> tuple[tuple[str, str], ...]:
    """Return the header pairs of texts like ``X-Stage: test``, which were given with ``flag``.

    Raises:
        InvalidInput: there is no colon. The text is not repeated: it may be a secret.
    """
    return tuple(_pair(text, ":", flag, "Name: value") for text in spelled)


def filters_of(spelled: Sequence[str], flag: str = "--filter") -> tuple[tuple[str, str], ...]:
    """Return the filters of texts like ``user.x=event.actor…``, which were given with ``flag``.

    Raises:
        InvalidInput: there is no ``=``.
    """
    return tuple(_pair(text, "=", flag, "TYPE=EXPRESSION") for text in spelled)


def _pair(text: str, separator: str, flag: str, form: str) -> tuple[str, str]:
    key, found, value = text.partition(separator)
    if not found:
        raise InvalidInput(f"{flag} has no {separator} in it", next_step=f"write it like '{form}'")
    return key.strip(), value.strip()

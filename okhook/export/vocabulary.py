"""The words that identify nobody: those of ``vocabulary.txt``, and of Okta's event types."""

import functools
import re
from importlib.resources import files
from typing import Final

from okhook.wire.event_types import eligible

_HUMPS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@functools.cache
def known_words() -> frozenset[str]:
    """Return every known word, in lower case."""
    text = files("okhook.export").joinpath("vocabulary.txt").read_text(encoding="ascii")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    words = re.split(r"[\s._]+", "\n".join((*lines, *eligible())).casefold())
    return frozenset(filter(None, words))


def is_vocabulary(token: str) -> bool:
    """Return whether a token consists of known words: ``users``, ``RATE_LIMIT``, ``eventType``."""
    return all(_is_known(part) for part in token.split("_") if part)


def _is_known(part: str) -> bool:
    words = known_words()
    if part.casefold() in words:
        return True
    humps = _HUMPS.findall(part)
    return "".join(humps) == part and all(
        len(hump) > 1 and hump.casefold() in words for hump in humps
    )

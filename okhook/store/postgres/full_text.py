"""Words of a payload, and what to look for in them, for PostgreSQL's full text search.

A text is cut into words here, as SQLite's index does it, and PostgreSQL indexes them as they are.
``to_tsvector('simple', ...)`` would find less: it takes ``jane.doe@example.com`` for one word and
keeps accents, and even in text that is cut already, it splits the id ``2e1ce5ed`` after ``2e1`` and
drops ``½``. It knows the order of the first 16,383 words only, so a phrase is looked for in what
the index finds.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 500
"""Characters of a word that count. PostgreSQL indexes up to 2046 bytes."""

_MOST_BYTES = 900_000
"""PostgreSQL keeps up to 1 MiB of words in one ``tsvector``."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; with ``starts`` the last one only starts so."""

    words: tuple[str, ...]
    starts: bool = False

    @classmethod
    def of(cls, text: str) -> "Phrase":
        """Return the phrase that somebody looks for. A ``*`` at its end stands for any end."""
        return cls(tuple(words_of(text)), text.endswith("*"))

    def queries(self) -> list[str]:
        """Return a query of PostgreSQL's type ``tsquery`` for each word."""
        last = len(self.words) - 1
        return [
            f"'{word}':*" if self.starts and at == last else f"'{word}'"
            for at, word in enumerate(self.words)
        ]

    def is_in(self, text: str) -> bool:
        """Return whether ``text`` contains the words one after the other."""
        found, count = words_of(text), len(self.words)
        return any(self._is_at(found[at : at + count]) for at in range(len(found) - count + 1))

    def _is_at(self, found: list[str]) -> bool:
        *first, last = self.words
        is_last = found[-1].startswith(last) if self.starts else found[-1] == last
        return is_last and found[:-1] == first


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case and without accents."""
    if not text.isascii():
        parts = unicodedata.normalize("NFD", text)
        text = "".join(part for part in parts if not unicodedata.combining(part))
    return [word[:_LONGEST] for word in _WORD.findall(text.casefold())]


def vectors_of(text: str) -> Iterator[str]:
    """Yield the words of a text, each once, as PostgreSQL reads ``tsvector``: a part of it or all.

    A word has letters and digits only, so that none has to be quoted.
    """
    words = sorted(set(words_of(text)))
    while words:
        count = len(words)
        while (size_bytes := len(" ".join(words[:count]).encode())) > _MOST_BYTES:
            count = max(1, count * _MOST_BYTES // size_bytes - 1)
        yield " ".join(words[:count])
        words = words[count:]

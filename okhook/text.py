"""Make text from outside safe to show on a terminal.

Names in a payload, lines of a child process and answers of a server may hold escape sequences,
newlines or right-to-left marks. On a terminal these could move the cursor, add colours and links,
or forge a line. Each such character is replaced by its visible escape.
"""

import unicodedata

_JOINERS = frozenset("\u200c\u200d")
"""Format characters that scripts and emoji need, and that are harmless."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str, *, limit: int | None = None) -> str:
    r"""Return ``text`` on one line, without control, format or unassigned characters.

    A tab becomes a space. Any other unsafe character becomes its Python escape (``\x1b``,
    ``\u202e``). A result longer than ``limit`` is cut to that length and ends in ``…``.
    """
    if text.isascii() and text.isprintable():
        safe = text
    else:
        safe = "".join(_plain_character(character) for character in text)
    if limit is not None and len(safe) > limit:
        return safe[: limit - 1] + "…"
    return safe


def plain_lines(text: str) -> list[str]:
    """Return the lines of ``text``, each made safe by :func:`plain`."""
    return [plain(line) for line in text.split("\n")]


def _plain_character(character: str) -> str:
    if character == "\t":
        return " "
    if character in _JOINERS or unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    if character.isascii():
        return repr(character)[1:-1]
    return character.encode("ascii", "backslashreplace").decode()

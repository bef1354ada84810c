"""Make text from outside safe to show: it can be read, and does nothing else.

Names in a payload, lines of a child process and answers of a server may hold escape sequences,
newlines or right-to-left marks. Shown as they are, they move the cursor, colour, link or forge a
line. Each such character is replaced by its escape, so that it stays visible.
"""

import unicodedata

_JOINERS = frozenset("\u200c\u200d")
"""Format characters that scripts and emoji need, and that move nothing."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str, *, limit: int | None = None) -> str:
    r"""Return ``text`` on one line without a control, format or unassigned character in it.

    A tab becomes a space; anything else unsafe its Python escape (``\x1b``, ``\u202e``). With
    ``limit``, a longer result ends in ``…`` at that many characters.
    """
    if text.isascii() and text.isprintable():
        safe = text
    else:
        safe = "".join(_plain_character(character) for character in text)
    if limit is not None and len(safe) > limit:
        return safe[: limit - 1] + "…"
    return safe


def plain_lines(text: str) -> list[str]:
    """Return the lines of ``text``, each made :func:`plain`: for bodies and last words."""
    return [plain(line) for line in text.split("\n")]


def _plain_character(character: str) -> str:
    if character == "\t":
        return " "
    if character in _JOINERS or unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    return (
        character.encode("ascii", "backslashreplace").decode()
        if ord(character) > 0x7F
        else (repr(character)[1:-1])
    )

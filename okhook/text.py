"""Make text from outside safe to show on a terminal.

Such text may contain escape sequences, newlines or right-to-left marks, which could move the
cursor, add links or forge a line.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

REMOVE_QUOTES = "remove the quotes; docker run --env-file, for example, keeps them"
"""The next step for a value that is in quotes."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_JOINERS = frozenset("\u200c\u200d")
"""Format characters that scripts and emoji need, and that are harmless."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str, *, limit: int | None = None) -> str:
    r"""Return ``text`` on one line, without control, format or unassigned characters.

    A tab becomes a space, any other such character its Python escape (``\x1b``, ``\u202e``). A
    result longer than ``limit`` is cut to that length and ends in ``…``.
    """
    if text.isascii() and text.isprintable():
        safe = text
    else:
        safe = "".join(_plain_character(character) for character in text)
    if limit is not None and len(safe) > limit:
        return safe[: limit - 1] + "…"
    return safe


def quoted(text: str) -> str:
    r"""Return ``text`` as a string of TOML or HCL: in double quotes, on one line.

    Characters that :func:`plain` escapes stand as ``\u001b`` or ``\U000e0001``.
    """
    return f'"{"".join(map(_quoted_character, text))}"'


def plain_lines(text: str) -> list[str]:
    """Return the lines of ``text``, each made safe by :func:`plain`."""
    return [plain(line) for line in text.split("\n")]


def is_quoted(text: str) -> bool:
    """Return whether ``text`` has the quotes around it that ``docker run --env-file`` keeps."""
    bare = text.strip()
    return len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'"


def split_names(text: str) -> list[str]:
    """Return the names in a text, which commas or lines separate; one empty name if it has none."""
    return [name.strip() for name in re.split(r"[,\n]", text) if name.strip()] or [""]


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun: ``1 attempt``, ``2 attempts``."""
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"


def first_of(names: Sequence[str], most: int) -> str:
    """Return up to ``most`` names with commas, and the number of the others."""
    named = ", ".join(names[:most])
    return f"{named} and {len(names) - most} more" if len(names) > most else named


def did_you_mean(word: object, known: Iterable[str], form: str = "{}") -> str | None:
    """Return the question whether the known word most like ``word`` is meant, written in ``form``.

    Return None if no known word is like it, or if ``word`` is not a string.
    """
    import difflib  # slow to import, and seldom needed

    near = difflib.get_close_matches(word, list(known), n=1) if isinstance(word, str) else []
    return f"did you mean {form.format(near[0])}?" if near else None


def is_header_name(text: str) -> bool:
    """Return whether ``text`` can be the name of an HTTP header (RFC 9110: a token)."""
    return _HEADER_NAME.fullmatch(text) is not None


def _quoted_character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character in _JOINERS or unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _plain_character(character: str) -> str:
    if character == "\t":
        return " "
    if character in _JOINERS or unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    if character.isascii():
        return repr(character)[1:-1]
    return character.encode("ascii", "backslashreplace").decode()

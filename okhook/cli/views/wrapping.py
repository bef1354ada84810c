"""Break a line that is wider than the terminal between words, which a terminal does not."""

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from okhook.cli.remedies import commands_in

_HANG = re.compile(r"\s*(?:\S+(?: \S+){0,2})?\s\s+(?=\S)")
"""A time, a mark or a label before the text of a line."""

_LONGEST_HANG = 20


def wrapped(line: Text, width: int) -> Iterator[Text]:
    """Yield a line in rows of ``width`` cells. Later rows begin below the text of the first.

    A command to paste is broken only by the terminal, as is a ``no_wrap`` line: a copy of it is
    one line.
    """
    if line.no_wrap or line.cell_len <= width:
        yield line
        return
    text = line.plain
    hang = " " * _hang(text)
    first, *others = line.divide(_breaks(text, width, len(hang)))
    first.rstrip()
    yield first
    for row in others:
        row.rstrip()
        yield Text(hang).append_text(row)


def _breaks(text: str, width: int, hang: int) -> list[int]:
    """Return where the second row and each later one begins."""
    breaks: list[int] = []
    row, room = 0, width
    for start, end in _units(text):
        is_first = not text[row:start].strip()
        fits_alone = cell_len(text[start:end]) <= width - hang
        if not is_first and fits_alone and cell_len(text[row:end]) > room:
            breaks.append(start)
            row, room = start, width - hang
    return breaks


def _units(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each word and each command to paste begins and ends."""
    commands = [
        (begin - 1, end + 1) if text[begin - 1 : begin] == "`" else (begin, end)
        for begin, end in commands_in(text)
    ]
    end = 0
    for word in re.finditer(r"\S+", text):
        if word.start() < end:
            continue
        command = next((each for each in commands if each[0] <= word.start() < each[1]), None)
        start, end = command or word.span()
        yield start, end


def _hang(text: str) -> int:
    label = _HANG.match(text)
    if label is not None and label.end() <= _LONGEST_HANG:
        return label.end()
    return len(text) - len(text.lstrip()) + 2

r"""Turn the bytes of a child's pipe into lines of clean text.

Hookdeck writes CSI and OSC sequences although its stdout is not a terminal (hookdeck-cli #403).
They are removed, except for the target of a hyperlink. An incomplete sequence is text.
"""

import codecs
import re
from dataclasses import dataclass

MAX_LINE = 16_384
"""A longer line is split into pieces of this many characters."""

_LINE_END = re.compile(r"[\n\r]")
_SEQUENCE = re.compile(
    r"\x1b\[[ -?]*[@-~]"  # CSI: colours, cursor
    r"|\x1b(?P<string>[\]PX^_][^\x07\x1b]*)(?:\x07|\x1b\\)"  # OSC and other strings
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"  # the rest: character sets, saved cursors
)
_HYPERLINK = re.compile(r"\]8;[^;]*;(?P<target>.+)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Line:
    """The text of a line, and the target of its hyperlink."""

    text: str
    link: str | None = None


class LineReader:
    """Splits one stream at newlines and carriage returns, without blank lines."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, chunk: bytes) -> list[Line]:
        """Return the lines that ``chunk`` completes."""
        return self._completed(self._decoder.decode(chunk))

    def end(self) -> list[Line]:
        """Return the rest when the pipe is closed."""
        return self._completed(self._decoder.decode(b"", final=True) + "\n")

    def _completed(self, text: str) -> list[Line]:
        *complete, self._rest = _LINE_END.split(self._rest + text)
        pieces = [piece for line in complete for piece in _pieces(line)]
        if len(self._rest) > MAX_LINE:
            *early, self._rest = _pieces(self._rest)
            pieces += early
        lines = (_line(piece) for piece in pieces)
        return [line for line in lines if line.text]


def _pieces(line: str) -> list[str]:
    return [line[start : start + MAX_LINE] for start in range(0, len(line), MAX_LINE)]


def _line(written: str) -> Line:
    links = (_HYPERLINK.match(found["string"] or "") for found in _SEQUENCE.finditer(written))
    link = next((found["target"] for found in links if found), None)
    return Line(_CONTROL.sub("", _SEQUENCE.sub("", written)).rstrip(), link)

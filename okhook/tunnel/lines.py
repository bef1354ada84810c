r"""Bytes of a child's pipe, in whatever pieces they come, become lines of clean text.

Hookdeck writes CSI and OSC sequences although its stdout is no terminal (hookdeck-cli #403). They
are taken out, and the target of an OSC 8 hyperlink is kept beside the text. A sequence that never
ends costs nothing: at the end of its line its characters count as text.
"""

import codecs
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import final

MAX_LINE = 16_384
"""A longer line is passed on in pieces of this many characters."""

_MAX_SEQUENCE = 4_096
_ESCAPE = "\x1b"
_BELL = "\x07"
_STRING_STARTS = frozenset("]PX^_")
_HYPERLINK = "]8;"


@dataclass(frozen=True, slots=True)
class Line:
    """A line's text, and where its hyperlink leads if it has one."""

    text: str
    link: str | None = None


class _State(Enum):
    TEXT = auto()
    ESCAPE = auto()
    CSI = auto()
    STRING = auto()
    STRING_ESCAPE = auto()


@final
@dataclass(slots=True)
class LineReader:
    """Takes one stream's bytes and gives its lines; blank lines are left out.

    A carriage return ends a line too, because what it would overwrite is not to be lost.
    """

    _lines: list[Line] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _sequence: list[str] = field(default_factory=list)
    _link: str | None = None
    _state: _State = _State.TEXT
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def feed(self, chunk: bytes) -> list[Line]:
        """Return the lines that ``chunk`` completes."""
        for character in self._decoder.decode(chunk):
            self._take(character)
        return self._taken()

    def end(self) -> list[Line]:
        """Return what is left when the pipe is closed."""
        for character in self._decoder.decode(b"", final=True):
            self._take(character)
        self._end_line()
        return self._taken()

    def _taken(self) -> list[Line]:
        lines, self._lines = self._lines, []
        return lines

    def _take(self, character: str) -> None:
        if character in "\n\r":
            self._end_line()
        elif self._state is _State.TEXT:
            self._take_text(character)
        else:
            self._take_sequence(character)

    def _take_text(self, character: str) -> None:
        if character == _ESCAPE:
            self._state = _State.ESCAPE
        elif character == "\t" or (character >= " " and character != "\x7f"):
            self._text.append(character)
            if len(self._text) >= MAX_LINE:
                self._push()

    def _take_sequence(self, character: str) -> None:
        match self._state:
            case _State.ESCAPE:
                self._begin_sequence(character)
            case _State.CSI:
                self._continue_csi(character)
            case _State.STRING:
                self._continue_string(character)
            case _:
                self._end_string_escape(character)
        if len(self._sequence) > _MAX_SEQUENCE:
            self._give_up_sequence()

    def _begin_sequence(self, character: str) -> None:
        if character == "[":
            self._sequence.append(character)
            self._state = _State.CSI
        elif character in _STRING_STARTS:
            self._sequence.append(character)
            self._state = _State.STRING
        elif " " <= character <= "/":
            self._sequence.append(character)
        elif "0" <= character <= "~":
            self._finish_sequence()
        else:
            self._give_up_sequence()
            self._take_text(character)

    def _continue_csi(self, character: str) -> None:
        if "@" <= character <= "~":
            self._finish_sequence()
        elif " " <= character <= "?":
            self._sequence.append(character)
        else:
            self._give_up_sequence()
            self._take_text(character)

    def _continue_string(self, character: str) -> None:
        if character == _BELL:
            self._finish_sequence()
        elif character == _ESCAPE:
            self._state = _State.STRING_ESCAPE
        else:
            self._sequence.append(character)

    def _end_string_escape(self, character: str) -> None:
        if character == "\\":
            self._finish_sequence()
            return
        self._give_up_sequence()
        self._state = _State.ESCAPE
        self._take_sequence(character)

    def _finish_sequence(self) -> None:
        sequence = "".join(self._sequence)
        if sequence.startswith(_HYPERLINK):
            target = sequence[len(_HYPERLINK) :].partition(";")[2]
            self._link = self._link or target or None
        self._sequence.clear()
        self._state = _State.TEXT

    def _give_up_sequence(self) -> None:
        """Take what was no sequence after all as text; its escape character is dropped."""
        given_up = list(self._sequence)
        self._sequence.clear()
        self._state = _State.TEXT
        for character in given_up:
            self._take_text(character)

    def _end_line(self) -> None:
        self._give_up_sequence()
        self._push()
        self._link = None

    def _push(self) -> None:
        text = "".join(self._text).rstrip()
        self._text.clear()
        if text.strip():
            self._lines.append(Line(text, self._link))

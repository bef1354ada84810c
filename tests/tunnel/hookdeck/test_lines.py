"""Bytes become lines of clean text, however the pipe cuts them, and no text is lost."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.tunnel.hookdeck.lines import MAX_LINE, Line, LineReader

PIECES = st.lists(st.binary(max_size=40), max_size=20)
NOISE = st.lists(
    st.sampled_from(
        [
            b"\x1b[2m",
            b"\x1b[0m",
            b"\x1b]8;;https://a.example/x\x1b\\",
            b"\x1b]8;;\x07",
            b"\x1b]0;title",
            b"\x1b[31",
            b"\x1b",
            b"\x1bP",
            b"\x1b(B",
            b"\x9b",
            b"\r",
            b"\n",
            b"\t",
            b"\x00",
            b"text",
            "│ → 🔌 é".encode(),
            b"\xf0\x9f",
            b"\\",
        ]
    ),
    max_size=40,
).map(b"".join)


def read(*chunks: bytes) -> list[Line]:
    reader = LineReader()
    return [line for chunk in chunks for line in reader.feed(chunk)] + reader.end()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(edges)]


@given(st.one_of(NOISE, st.binary(max_size=200)), st.lists(st.integers(0, 10_000), max_size=12))
def test_pieces_do_not_matter(data: bytes, places: list[int]) -> None:
    """The lines are the same if the pipe cuts in a character or a sequence."""
    assert read(*cut(data, places)) == read(data)


@given(PIECES)
def test_any_bytes_become_lines_without_control_characters(chunks: list[bytes]) -> None:
    """No input raises, and tab is the only control character in a line."""
    for line in read(*chunks):
        assert line.text.strip()
        assert all(c == "\t" or (c >= " " and c != "\x7f") for c in line.text)


@given(NOISE)
def test_text_outside_sequences_is_never_lost(noise: bytes) -> None:
    """A word on its own line is kept, whatever incomplete sequence came before."""
    assert read(noise, b"\nWORD\n")[-1] == Line("WORD")


@given(st.text(st.characters(min_codepoint=32, exclude_characters="\x7f"), max_size=200))
def test_plain_text_is_unchanged(text: str) -> None:
    """Without sequences and line ends, only blanks at the end are removed."""
    lines = read(text.encode("utf-8", "surrogatepass"))
    wanted = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").rstrip()
    assert "".join(line.text for line in lines) == wanted


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"\x1b[2mdim\x1b[0m", "dim"),
        (b"\x1b[38;5;12mblue\x1b[K", "blue"),
        (b"\x1b]0;a title\x07shown", "shown"),
        (b"\x1bP1$r0m\x1b\\shown", "shown"),
        (b"\x1b(Bshown", "shown"),
        (b"\x1b7saved\x1b8", "saved"),
        (b"bell\x07 back\x08 nul\x00", "bell back nul"),
    ],
)
def test_sequences_are_removed(written: bytes, text: str) -> None:
    """Colours, titles, device strings, character sets and control characters disappear."""
    assert read(written) == [Line(text)]


@pytest.mark.parametrize("end", [b"\x1b\\", b"\x07"])
def test_a_hyperlink_keeps_its_target(end: bytes) -> None:
    """The text of an OSC 8 hyperlink is the line, and its target is kept too."""
    written = (
        b"see \x1b]8;id=1;https://a.example/?t=1"
        + end
        + b"https://a.example/"
        + (b"\x1b]8;;" + end)
    )
    assert read(written + b"\nnext") == [
        Line("see https://a.example/", "https://a.example/?t=1"),
        Line("next"),
    ]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"\x1b[12\n", "[12"),
        (b"\x1b[1\xc3\xa9", "[1é"),
        (b"\x1b]8;;https://a.example\n", "]8;;https://a.example"),
        (b"\x1b]8;;x\x1b[0mtext", "]8;;xtext"),
        (b"before\x1b\xc3\xa9after", "beforeéafter"),
        (b"\x1b]" + b"x" * 5000, "]" + "x" * 5000),
    ],
)
def test_an_unfinished_sequence_counts_as_text(written: bytes, text: str) -> None:
    """An incomplete sequence is shown as text, without its escape character."""
    assert read(written)[0].text == text


def test_a_carriage_return_overwrites_nothing() -> None:
    """Each state of a spinner is a line; CR LF is one line end."""
    assert read(b"one\rtwo\r\nthree") == [Line("one"), Line("two"), Line("three")]


def test_a_very_long_line_is_split() -> None:
    """The pieces have a fixed length, so that a line cannot fill the memory."""
    lines = read(b"x" * (MAX_LINE * 2 + 5))
    assert [len(line.text) for line in lines] == [MAX_LINE, MAX_LINE, 5]


def test_a_line_is_returned_as_soon_as_it_ends() -> None:
    """It does not wait for the next chunk."""
    reader = LineReader()
    assert reader.feed(b"first\nsec") == [Line("first")]
    assert reader.feed(b"ond\n") == [Line("second")]
    assert reader.end() == []

"""Text from outside, made harmless and still readable."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.text import plain, plain_lines

JOINERS = {"\u200c", "\u200d"}
ANYTHING = st.text(st.characters(codec=None, categories=None), max_size=200)
NASTY = st.text(
    st.sampled_from("\x1b\x9b\x07\r\n\t\x7f\x85\u202e\u2066\u200b\u2028\ufeff[]();0a…é😀\ud800"),
    max_size=60,
)


@given(ANYTHING | NASTY)
def test_nothing_unsafe_comes_through(text: str) -> None:
    """No control, format, surrogate, private, unassigned or line separator character is left."""
    for character in plain(text):
        assert character in JOINERS or unicodedata.category(character) not in {
            "Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp",
        }  # fmt: skip


@given(ANYTHING | NASTY)
def test_it_is_one_line_that_utf_8_can_carry(text: str) -> None:
    """No kind of line break is left, and the result can be encoded."""
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(ANYTHING | NASTY)
def test_making_it_harmless_twice_changes_nothing(text: str) -> None:
    """Plain text stays as it is."""
    assert plain(plain(text)) == plain(text)


@given(ANYTHING | NASTY, st.integers(min_value=1, max_value=50))
def test_a_limit_holds(text: str, limit: int) -> None:
    """The result is never longer, and a cut shows."""
    shown = plain(text, limit=limit)
    assert len(shown) <= limit
    whole = plain(text)
    assert shown == whole if len(whole) <= limit else shown == whole[: limit - 1] + "…"


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """Letters of every script, digits, marks of punctuation and symbols are untouched."""
    assert plain(text) == text


@given(ANYTHING | NASTY)
def test_lines_are_each_plain(text: str) -> None:
    """Only newlines separate lines."""
    lines = plain_lines(text)
    assert len(lines) == text.count("\n") + 1
    assert lines == [plain(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Jane\tDoe", "Jane Doe"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]8;;http://x\x07link", r"\x1b]8;;http://x\x07link"),
        ("a\r\nb", r"a\r\nb"),
        ("\x9b2J", r"\x9b2J"),
        ("abc\u202etxt.exe", r"abc\u202etxt.exe"),
        ("\ud800", r"\ud800"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("José 👩\u200d💻", "José 👩\u200d💻"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_is_unsafe_stays_visible(text: str, shown: str) -> None:
    """An escape sequence is shown as text."""
    assert plain(text) == shown

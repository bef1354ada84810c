"""Lines that are wider than the terminal."""

import pytest
from rich.text import Text

from okhook.cli.views.wrapping import wrapped


def rows(text: str, width: int = 40) -> list[str]:
    """Return the rows of a line."""
    return [row.plain for row in wrapped(Text(text), width)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("short enough", ["short enough"]),
        (
            "warning: no event hook subscribes to user.lifecycle.activate",
            ["warning: no event hook subscribes to", "  user.lifecycle.activate"],
        ),
        (
            "11:11:48  #3  user.lifecycle.create  SUCCESS  a → b",
            ["11:11:48  #3  user.lifecycle.create", "          SUCCESS  a → b"],
        ),
        (
            "  ✓ event hooks   598 of 600 calls left until 16:49:00",
            ["  ✓ event hooks   598 of 600 calls left", "                  until 16:49:00"],
        ),
        (
            "  webhook    https://example.com/and/so/on/and/so/on",
            ["  webhook    https://example.com/and/so/on/and/so/on"],
        ),
        ("名前 " * 12, ["名前 名前 名前 名前 名前 名前 名前 名前", "  名前 名前 名前 名前"]),
    ],
)
def test_no_word_is_broken_field_28(line: str, expected: list[str]) -> None:
    """Rows end between words, and later ones begin below the text of the first."""
    assert rows(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "→ to store what was missed, run okhook reconcile --fix",
            ["→ to store what was missed, run", "  okhook reconcile --fix"],
        ),
        (
            "it ended; try `okhook up --sandbox` and see what it does",
            ["it ended; try `okhook up --sandbox` and", "  see what it does"],
        ),
        (
            "it ended too early; try `okhook up --sandbox` once more",
            ["it ended too early; try", "  `okhook up --sandbox` once more"],
        ),
        (
            "→ okhook up --org dev-123.okta.com --forward-to http://localhost:3000",
            ["→ okhook up --org dev-123.okta.com --forward-to http://localhost:3000"],
        ),
    ],
)
def test_a_command_to_paste_stays_in_one_piece_field_28(line: str, expected: list[str]) -> None:
    """A line break in a command would run its first part only."""
    assert rows(line) == expected


def test_the_colours_stay_with_their_words_field_28() -> None:
    """Each row keeps the styles of its part of the line."""
    line = Text.assemble(("warning: ", "yellow"), ("a " * 20, "dim"), ("word", "bold"))
    *_, last = wrapped(line, 40)
    assert last.plain.strip() == "a a a a word"
    assert [span.style for span in last.spans] == ["dim", "bold"]


def test_a_body_is_not_wrapped_field_28() -> None:
    """What somebody copies from a body has no line breaks of ours."""
    line = Text("a " * 40, no_wrap=True)
    assert list(wrapped(line, 40)) == [line]

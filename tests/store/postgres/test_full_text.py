"""Words: how a text is cut, what is looked for in it, and what PostgreSQL can keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.store.postgres.full_text import Phrase, vectors_of, words_of

_MEBIBYTE = 1 << 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jane.doe@example.com", ["jane", "doe", "example", "com"]),
        ("Müller-Lüdenscheidt", ["muller", "ludenscheidt"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("snake_case 00u1a2B3", ["snake", "case", "00u1a2b3"]),
        ("日本語", ["日本語"]),
        ("nul\0byte \ud800", ["nul", "byte"]),
        ("", []),
    ],
)
def test_a_text_is_cut_at_everything_but_letters_and_digits(text: str, words: list[str]) -> None:
    """An address is several words, and accents and capitals make no difference."""
    assert list(words_of(text)) == words


@pytest.mark.parametrize(
    ("wanted", "is_there"),
    [
        ("jane doe", True),
        ("DOE example", True),
        ("doe jane", False),
        ("jane example", False),
        ("jane do*", True),
        ("jan* doe", False),
        ("com", True),
        ("com extra", False),
    ],
)
def test_the_words_of_a_phrase_follow_each_other(wanted: str, is_there: bool) -> None:
    """Only the last one may be a beginning."""
    assert Phrase.of(wanted).is_in("jane.doe@example.com") is is_there


def test_a_query_has_one_part_for_each_word() -> None:
    """The last one finds longer words if a star follows it."""
    assert Phrase.of("Jane do*").queries() == ["'jane'", "'do':*"]
    assert Phrase.of("'a' & !b").queries() == ["'a'", "'b'"]


@given(st.lists(st.text(min_size=1, max_size=800), max_size=50).map(" ".join))
def test_every_word_can_be_indexed(text: str) -> None:
    """PostgreSQL refuses a word above 2046 bytes, and ends it at a quote or a backslash."""
    for word in words_of(text):
        assert 0 < len(word.encode()) <= 2046
        assert not {"'", "\\", "\0", " "} & set(word)


def test_many_words_are_split() -> None:
    """A tsvector holds 1 MiB; no word is lost, and none is there twice."""
    words = [f"{number:0200d}" for number in range(12_000)]
    parts = [part.split() for part in vectors_of(" ".join([*words, *words]))]
    assert len(parts) > 2
    assert sorted(word for part in parts for word in part) == words
    assert all(sum(len(word) for word in part) < _MEBIBYTE for part in parts)

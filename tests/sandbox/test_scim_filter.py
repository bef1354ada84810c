"""SCIM filters: what they find, and that nothing can make their parser stumble."""

import contextlib
import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.filter_language.parser import MAX_LENGTH, NotUnderstood
from okhook.sandbox.scim import Test, parse_filter

ENTRY = {
    "eventType": "user.lifecycle.create",
    "published": "2026-01-31T12:00:00.000Z",
    "outcome": {"result": "SUCCESS", "reason": None},
    "target": [
        {"id": "00u1", "type": "User", "tags": ["a", "b"]},
        {"id": "0oa1", "type": "AppInstance", "tags": []},
    ],
    "authenticationContext": {"authenticationStep": 0},
    "securityContext": {"isProxy": False},
}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('eventType eq "user.lifecycle.create"', True),
        ('eventType EQ "user.lifecycle.create"', True),
        ('eventType eq "USER.lifecycle.create"', False),
        ('eventType ne "user.lifecycle.create"', False),
        ('eventType sw "user." and eventType ew ".create"', True),
        ('eventType co "lifecycle"', True),
        ('eventType co "nothing"', False),
        ('outcome.result eq "FAILURE" or outcome.result eq "SUCCESS"', True),
        ('target.id eq "0oa1"', True),
        ('target.id ne "0oa1"', False),
        ('target.tags eq "b"', True),
        ('target.id eq "00u2"', False),
        ("outcome.reason pr", False),
        ("outcome.result pr", True),
        ("nothing.here pr", False),
        ("not nothing.here pr", True),
        ("not (outcome.result pr)", False),
        ("outcome.reason eq null", True),
        ("securityContext.isProxy eq false", True),
        ("securityContext.isProxy eq 0", False),
        ("authenticationContext.authenticationStep eq 0", True),
        ("authenticationContext.authenticationStep eq 0.0", True),
        ("authenticationContext.authenticationStep ge 0", True),
        ("authenticationContext.authenticationStep gt -1", True),
        ("authenticationContext.authenticationStep lt 0", False),
        ('authenticationContext.authenticationStep gt "a"', False),
        ('published gt "2026-01-31T11:59:59Z"', True),
        ('published le "2026-01-31T13:00:00+01:00"', True),
        ('published lt "2026-01-31T13:00:00+01:00"', False),
        ('published eq "2026-01-31T12:00:00Z"', True),
        ('published eq "2026-01-31T13:00:00+01:00"', True),
        ('published ne "2026-01-31T13:00:00+01:00"', False),
        ('published gt "2026-01-31"', True),
        ('published eq "2026-01-31"', False),
        ('published sw "2026-01"', True),
        ("published eq null", False),
        ('eventType gt "user.lifecycle.a"', True),
        ('eventType eq "x" and eventType eq "x" or outcome.result eq "SUCCESS"', True),
        ('outcome.result eq "SUCCESS" or eventType eq "x" and eventType eq "x"', True),
        ('(outcome.result eq "SUCCESS" or eventType eq "x") and eventType eq "x"', False),
    ],
)
def test_a_filter_finds_what_it_says(expression: str, found: bool) -> None:
    """Every operator, the order in which they bind, arrays, times and numbers."""
    assert parse_filter(expression)(ENTRY) is found


@pytest.mark.parametrize("literal", ['"yesterday"', '""', "5", "true", '"2026-13-01"'])
def test_a_time_is_compared_with_a_time_field_17(literal: str) -> None:
    """Anything else is refused: it would find nothing, or whatever sorts behind it as a text."""
    with pytest.raises(NotUnderstood, match="published is compared with a time such as 2026-"):
        parse_filter(f"published gt {literal}")


def test_case_can_be_ignored() -> None:
    """As the search of users does."""
    assert parse_filter('eventType eq "USER.LIFECYCLE.create"', ignore_case=True)(ENTRY)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        " ",
        "eventType",
        "eventType eq",
        'eq "x"',
        'eventType is "x"',
        'eventType eq "x',
        'eventType eq "\\q"',
        "eventType eq x",
        'eventType eq "x" and',
        'eventType eq "x" "y"',
        '(eventType eq "x"',
        'eventType eq "x")',
        "()",
        'target[type eq "User"]',
        'a..b eq "x"',
        "a eq 12abc",
        "a eq " + "1" * 5_000,
        "not " * 60 + "a pr",
        "(" * 60 + "a pr" + ")" * 60,
        'a eq "' + "x" * MAX_LENGTH + '"',
    ],
)
def test_an_invalid_filter_is_refused_with_a_reason(expression: str) -> None:
    """Each fault of writing is told, and none is guessed at."""
    with pytest.raises(NotUnderstood, match=r"\w"):
        parse_filter(expression)


def ask_if_it_is_one(expression: str) -> None:
    with contextlib.suppress(NotUnderstood):
        assert parse_filter(expression)(ENTRY) in (True, False)


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_is_refused(expression: str) -> None:
    """Nothing else comes out of the parser than a filter that can be asked, or NotUnderstood."""
    ask_if_it_is_one(expression)


words = st.sampled_from(['"x"', "eq", "pr", "and", "or", "not", "(", ")", "a.b", "co", "1", "null"])


@given(st.lists(words, max_size=12).map(" ".join))
def test_any_words_of_the_language_are_a_filter_or_are_refused(expression: str) -> None:
    """The same with words that the parser knows, which lead deeper into it."""
    ask_if_it_is_one(expression)


@dataclass(frozen=True)
class Tree:
    """An expression whose leaves are true or false."""

    word: str
    parts: "tuple[Tree, ...]" = ()

    def spelled(self) -> str:
        parts = [f"({part.spelled()})" for part in self.parts]
        match self.word:
            case "not":
                return f"not {parts[0]}"
            case "and" | "or":
                return f" {self.word} ".join(parts)
        return f"{self.word} pr"

    def meant(self) -> bool:
        parts = [part.meant() for part in self.parts]
        match self.word:
            case "not":
                return not parts[0]
            case "and":
                return all(parts)
            case "or":
                return any(parts)
        return self.word == "t"


def branches(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Tree, st.just("not"), st.tuples(inner)),
        st.builds(Tree, st.sampled_from(["and", "or"]), several),
    )


trees = st.recursive(st.sampled_from([Tree("t"), Tree("f")]), branches, max_leaves=12)


@given(trees)
def test_logic_is_what_it_spells(tree: Tree) -> None:
    """Any nesting of and, or and not means what an evaluation of the tree says."""
    assert parse_filter(tree.spelled())({"t": 1}) is tree.meant()


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_looked_for(wanted: str, other: str) -> None:
    """A value written as JSON is found as it is, whatever characters it has."""
    test: Test = parse_filter(f"name eq {json.dumps(wanted)}")
    assert test({"name": wanted})
    assert test({"name": other}) is (wanted == other)

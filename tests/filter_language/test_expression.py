"""Event hook filters: what they let pass, what is not understood, and that nothing else happens."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.filter_language.expression import parse_filter_expression
from okhook.filter_language.parser import MAX_LENGTH, NotUnderstood

Json = dict[str, Any]

EVENT: Json = {
    "eventType": "group.user_membership.add",
    "actor": {"id": "00u1", "alternateId": "admin@example.com", "displayName": "It's me"},
    "outcome": {"result": "SUCCESS", "reason": None},
    "target": [
        {"id": "00u2", "type": "User", "alternateId": "jane@example.com", "displayName": "Jane"},
        {"id": "00g1", "type": "UserGroup", "alternateId": "unknown", "displayName": "Sales"},
    ],
    "debugContext": {"debugData": {"changedAttributes": "title,city", "requestUri": "/api"}},
    "authenticationContext": {"authenticationStep": 0},
    "securityContext": {"isProxy": False},
}


def passes(text: str, event: Json = EVENT) -> bool:
    return parse_filter_expression(text)(event)


@pytest.mark.parametrize(
    "text",
    [
        (
            "event.target.?[type eq 'UserGroup'].size()>0"
            " && event.target.?[displayName eq 'Sales'].size()>0"
        ),
        "event.target.?[type eq 'UserGroup' && displayName eq 'Sales'].size()> 0",
        (
            "event.target.?[type eq 'AppInstance' && id eq '0oa1'].size() >0"
            " OR event.target.?[type eq 'UserGroup' && id eq '00g1'].size() >0"
        ),
        "event.target.?[alternateId eq 'jane@example.com'].size()>0",
        "event.actor.id != null",
        "event.debugData.changedAttributes.contains('city')",
        "event.eventType eq 'group.user_membership.add'",
        "event.outcome.result eq 'SUCCESS'",
        "true",
    ],
)
def test_known_expressions_are_understood(text: str) -> None:
    """The examples of Okta's guides, help, Terraform provider and workflow templates."""
    assert passes(text)
    assert not passes(f"!({text})")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('event.actor.alternateId == "admin@example.com"', True),
        ("event.actor.displayName eq 'It''s me'", True),
        ("event.actor.alternateId ne 'x' and not (event.outcome.result == 'FAILURE')", True),
        ("false || true && false", False),
        ("(false or true) AND true", True),
        ("!false && !!true", True),
        ("event.authenticationContext.authenticationStep >= 0", True),
        ("event.authenticationContext.authenticationStep lt 0.5", True),
        ("event.securityContext.isProxy", False),
        ("event.securityContext.isProxy == 0", False),
        ("event.nothing.of.this == null", True),
        ("event?.outcome?.reason eq null", True),
        ("event.nothing.?[x eq 1].size() == 0", True),
        ("event.nothing.contains('x')", False),
        ("event.nothing.startsWith('x')", False),
        ("event.target[1].displayName.toLowerCase() eq 'sales'", True),
        ("event.target[7] == null", True),
        ("event.target.?[alternateId.endsWith('@example.com')].size() == 1", True),
        ("event.target.?[type eq 'User'].?[displayName eq 'Jane'].isEmpty()", False),
        ("event.target.?[event != null].size() == 0", True),
        ("event.debugContext.debugData.requestUri.startsWith('/api')", True),
        ("event.actor.id.length() == 4", True),
        ("'b' > 'a'", True),
        ("1 <= 1 && 1 >= 1 && !(1 < 1) && !(1 > 1)", True),
        ("event.nothing.size() == 0", True),
        ("event.target.?[alternateId.contains(displayName.toLowerCase())].size() == 1", True),
        ("event.actor.alternateId.startsWith(event.debugData.requestUri)", False),
        ("event.not == null", True),
    ],
)
def test_the_result_of_an_expression(text: str, expected: bool) -> None:
    """Operators in both spellings and any case, null for a missing member, doubled quotes."""
    assert passes(text) is expected


def test_true_is_not_one() -> None:
    """Neither compared with it nor contained in a list of numbers."""
    event = {"flags": [1, "x"], "flag": True}
    assert not passes("event.flag == 1", event)
    assert not passes("event.flags.contains(event.flag)", event)
    assert passes("event.flags.contains(1) && event.flags.contains('x')", event)


def test_debug_data_is_found_where_okta_has_it() -> None:
    """It is read from debugContext unless the event has its own."""
    event = {"debugData": {"a": 1}, "debugContext": {"debugData": {"a": 2}}}
    assert passes("event.debugData.a == 1 && event.debugContext.debugData.a == 2", event)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "unexpected end at position 0"),
        ("event.", "unexpected end at position 6"),
        ("event.target.?[", "unexpected end at position 15"),
        ("(true", "unexpected end at position 5"),
        ("true true", "'true' at position 5"),
        (")", "')' at position 0"),
        ("1 > -1 == true", "'==' at position 7"),
        ("true && ", "unexpected end at position 7"),
        ("event.target[-1] == null", "'-1' at position 13"),
        ("event.outcome.result matches 'S.*'", "'matches' at position 21"),
        ("event.actor.id = 'x'", "position 15"),
        ("'open", "position 0"),
        ("1234567890123456789 > 0", "position 0"),
        ("user.login eq 'x'", "expected event"),
        ("event.target.?[type eq 'User'].size() > 0 && type eq 'User'", "expected event"),
        ("hasDirectoryUser()", "the function hasDirectoryUser()"),
        ("T(java.lang.Runtime).getRuntime()", "the function T()"),
        ("event.getClass()", "the method getClass()"),
        ("event.target.size(1) > 0", "'1' at position 18"),
        ("true" + " && true" * 1_000, f"more than {MAX_LENGTH} characters"),
        ("(" * 60 + "true" + ")" * 60, "nesting deeper than 50 levels"),
        ("!" * 60 + "true", "nesting deeper than 50 levels"),
        ("event" + ".?[x" * 60 + "]" * 60, "nesting deeper than 50 levels"),
    ],
)
def test_an_invalid_expression_is_an_error(text: str, said: str) -> None:
    """The message has the position or the unknown name."""
    with pytest.raises(NotUnderstood) as error:
        parse_filter_expression(text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("event.target", "a list where true or false is needed"),
        ("event.actor.id && true", "a text where true or false is needed"),
        ("event.nothing", "null where true or false is needed"),
        ("!event.actor", "an object where true or false is needed"),
        ("event.target.type eq 'User'", "'type' of a list"),
        ("event.actor.id.x eq 1", "'x' of a text"),
        ("event.actor.?[id eq 1].size() > 0", ".?[…] of an object"),
        ("event.actor[0] == null", "[0] of an object"),
        ("event.actor.id > 5", "a text compared with a number"),
        ("event.nothing > 5", "null compared with a number"),
        ("event.target == event.target", "a list compared with a list"),
        ("event.actor.id.size() > 1", "size() of a text"),
        ("event.actor.contains('x')", "contains() of an object"),
        ("event.actor.id.contains(1)", "contains() of a number"),
        ("event.authenticationContext.authenticationStep.isEmpty()", "isEmpty() of a number"),
    ],
)
def test_an_expression_that_cannot_be_evaluated_is_an_error(text: str, said: str) -> None:
    """At its evaluation, and without a value of the event."""
    test = parse_filter_expression(text)
    with pytest.raises(NotUnderstood) as error:
        test(EVENT)
    assert str(error.value) == said


def test_a_long_chain_does_not_nest() -> None:
    """Steps, and operators of one kind, do not nest, however many there are."""
    assert passes("event" + ".x" * 3_000 + " == null")
    assert passes("true" + " && true" * 800)
    assert not passes("false" + " or false" * 800)


def test_evaluation_stops_when_the_result_is_known() -> None:
    """An error behind a test that fails first has no effect."""
    assert not passes("event.target.size() > 5 && event.target[5]")
    assert passes("event.target.size() < 5 || event.target[5]")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "id", "target", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)
events = st.dictionaries(st.sampled_from(["target", "actor", "debugContext"]), json_values)
pieces = st.sampled_from(
    [
        *("event", ".target", ".actor", ".type", ".id", ".?[type eq 'x']", ".?[", "]", "(", ")"),
        *(".size()", ".contains('x')", ".isEmpty()", "[0]", "?.x", " eq ", " != ", " > ", "<="),
        *(" && ", " || ", "!", " not ", "null", "true", "'x'", '"y"', "1", "-2.5", " ", "id"),
    ]
)


@given(text=st.text(max_size=40) | st.lists(pieces, max_size=12).map("".join), event=events)
def test_every_expression_has_a_result_or_is_not_understood(text: str, event: Json) -> None:
    """For any text and any event."""
    answer: bool | None = None
    with suppress(NotUnderstood):
        answer = passes(text, event)
    assert answer in (True, False, None)


leaves = st.sampled_from(
    [
        ("true", True),
        ("FALSE", False),
        ("event.actor.id eq '00u1'", True),
        ("event.actor.id != '00u1'", False),
        ("event.target.?[type == 'User' or type == 'X'].size() == 1", True),
        ("2 <= 1.5", False),
    ]
)
Meant = tuple[str, bool]


def combined(inner: st.SearchStrategy[Meant]) -> st.SearchStrategy[Meant]:
    def joined(word: str, one: Meant, other: Meant) -> Meant:
        both = word.strip().lower() in ("and", "&&")
        value = one[1] and other[1] if both else one[1] or other[1]
        return f"({one[0]}){word}({other[0]})", value

    words = st.sampled_from([" and ", "&&", " AND ", " or ", "||", " Or "])
    negations = st.sampled_from(["!", "not ", "NOT "])
    return st.builds(joined, words, inner, inner) | st.builds(
        lambda word, one: (f"{word}({one[0]})", not one[1]), negations, inner
    )


@given(meant=st.recursive(leaves, combined, max_leaves=8))
def test_logic_is_that_of_python(meant: Meant) -> None:
    """However operators are written and nested."""
    text, expected = meant
    assert passes(text) is expected

"""Paths into a JSON document, and setting what is there."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.json_path import Addition, Assignment, NotAPath, addition, assigned, parse_assignment

DOCUMENT: dict[str, Any] = {
    "eventId": "e1",
    "data": {"events": [{"actor": {"displayName": "A"}, "device": None}, {"target": []}]},
}

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _set(document: Any, text: str) -> Any:  # noqa: ANN401 - any JSON value
    return assigned(document, parse_assignment(text))


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a=1", ("a",)),
        ("a.b.c=1", ("a", "b", "c")),
        ("data.events[0].actor=1", ("data", "events", 0, "actor")),
        ("$.data.events[1]=1", ("data", "events", 1)),
        ("$[0].a=1", (0, "a")),
        (".data=1", ("data",)),
        ("[0][1]=1", (0, 1)),
        ('a["b.c=[d]"].e=1', ("a", "b.c=[d]", "e")),
        ('["\\u00e9\\""]=1', ('é"',)),
        ("events[*].uuid=1", ("events", None, "uuid")),
        ("kebab-name.x_y.0=1", ("kebab-name", "x_y", "0")),
    ],
)
def test_paths_are_read(text: str, steps: tuple[str | int | None, ...]) -> None:
    """Names, entries, quoted names and every entry, with or without JSONPath's or jq's start."""
    assert parse_assignment(text).steps == steps


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.b", "a.b: expected FIELD=VALUE"),
        ("", ": expected FIELD=VALUE"),
        ("=1", "=1: expected FIELD=VALUE"),
        ("a..b=1", "a..b: invalid path at character 2"),
        ("a[x]=1", "a[x]: invalid path at character 2"),
        ("a[-1]=1", "a[-1]: invalid path at character 2"),
        ("a[0]b=1", "a[0]b: invalid path at character 5"),
        ("a b=1", "a b: invalid path at character 2"),
        ("$=1", "$: invalid path at character 2"),
        ("a[99999999999]=1", "a[99999999999]: invalid path at character 2"),
        ('a["\\x"]=1', 'a["\\x"]: invalid path at character 2'),
        ('a={"b":', "a: the value is not valid JSON"),
        ("a=[1,", "a: the value is not valid JSON"),
        ('a= "b', "a: the value is not valid JSON"),
        ("a=" + "[" * 100_000, "a: the value is not valid JSON"),
        ('a={"b": NaN}', "a: the value is not valid JSON"),
    ],
)
def test_an_invalid_path_is_refused(text: str, message: str) -> None:
    """The message repeats the path and says at which character it is invalid."""
    with pytest.raises(NotAPath) as refused:
        parse_assignment(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=1", 1),
        ("a=true", True),
        ("a=null", None),
        ('a="X"', "X"),
        ('a="true"', "true"),
        ('a={"b": [1]}', {"b": [1]}),
        ("a=X", "X"),
        ("a=Jane Doe", "Jane Doe"),
        ("a=", ""),
        ("a=b=c", "b=c"),
        ("a=NaN", "NaN"),
        ("a=-Infinity", "-Infinity"),
        ("a=1e999", "1e999"),
        ("a=1e3", 1000.0),
    ],
)
def test_a_value_is_json_or_else_a_string(text: str, value: object) -> None:
    """A value that is not valid JSON, such as NaN, is a string."""
    read = parse_assignment(text).value
    assert read == value
    assert type(read) is type(value)


def test_a_value_deep_inside_is_replaced() -> None:
    """Only the value at the path changes, and the original document stays as it was."""
    before = copy.deepcopy(DOCUMENT)
    after = _set(DOCUMENT, 'data.events[0].actor.displayName="X"')
    assert before == DOCUMENT
    assert after["data"]["events"][0] == {"actor": {"displayName": "X"}, "device": None}
    assert after["data"]["events"][1] is DOCUMENT["data"]["events"][1]


def test_members_keep_their_order() -> None:
    """A replaced member stays in its place; a new one comes last."""
    assert list(_set({"a": 1, "b": 2}, "a=3")) == ["a", "b"]
    assert list(_set({"a": 1, "b": 2}, "c=3")) == ["a", "b", "c"]


def test_missing_members_and_the_next_entry_are_added() -> None:
    """Null and absent parts become what the path needs; an array grows at its end."""
    assert _set({}, "a.b[0].c=1") == {"a": {"b": [{"c": 1}]}}
    assert _set({"device": None}, "device.os=X") == {"device": {"os": "X"}}
    assert _set({"target": [1]}, "target[1]=2") == {"target": [1, 2]}


def test_every_entry_is_set() -> None:
    """``[*]`` sets each entry; in an empty array it sets nothing."""
    document = {"events": [{"n": 1}, {"n": 2}]}
    assert _set(document, "events[*].n=7") == {"events": [{"n": 7}, {"n": 7}]}
    assert _set({"events": []}, "events[*].n=7") == {"events": []}


@pytest.mark.parametrize(
    ("text", "path", "meant"),
    [
        ("data.event[0].actor=1", "data.event", "data.events"),
        ("data.events[0].actor.id.x=1", "data.events[0].actor.id", None),
        ("data.events[0].acter.id=1", "data.events[0].acter", "data.events[0].actor"),
        ("data.events[*].targt=1", "data.events[*].targt", "data.events[*].target"),
        ("data.events[2]=1", "data.events[2]", None),
        ("data.events[0].device.id=1", "data.events[0].device.id", None),
        ("something.new[*].x=1", "something", None),
    ],
)
def test_what_is_new_is_known_and_what_it_resembles(
    text: str, path: str, meant: str | None
) -> None:
    """The path ends with its first new part; the name that is meant stands beside it."""
    assert addition(DOCUMENT, parse_assignment(text)) == Addition(path, meant)


@pytest.mark.parametrize(
    "text",
    [
        "eventId=1",
        "data.events[0].device=1",
        "data.events[*].actor=1",
        "data.events[1].target[*]=1",
    ],
)
def test_what_is_there_is_not_new(text: str) -> None:
    """A null is there. With ``[*]``, one entry that has the name is enough, or no entry at all."""
    assert addition(DOCUMENT, parse_assignment(text)) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eventId.x=1", "eventId.x: eventId is a string, not an object"),
        ("data[0]=1", "data[0]: data is an object, not an array"),
        ("data.events.x=1", "data.events.x: data.events is an array, not an object"),
        ("data.events[3]=1", "data.events[3]: data.events has no [3] (size 2)"),
        (
            "data.events[1].target[1]=1",
            "data.events[1].target[1]: data.events[1].target has no [1] (size 0)",
        ),
        ("[0]=1", "[0]: the payload is an object, not an array"),
        ("data[*].x=1", "data[*].x: data is an object, not an array"),
    ],
)
def test_a_path_that_does_not_fit_is_refused(text: str, message: str) -> None:
    """The message says which part of the document is in the way, and what it is."""
    with pytest.raises(NotAPath) as refused:
        _set(DOCUMENT, text)
    assert str(refused.value) == message


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """For any text, the only error is NotAPath."""
    try:
        assignment = parse_assignment(text)
    except NotAPath:
        return
    assert isinstance(assignment, Assignment)
    assert text.startswith(f"{assignment.path}=")


@given(JSON, st.lists(st.text() | st.integers(0, 3), min_size=1, max_size=4), JSON)
def test_the_value_can_be_read_back(document: Any, steps: list[str | int], value: Any) -> None:  # noqa: ANN401
    """Walking the path afterwards finds the value, however the document looked before."""
    before = json.dumps(document)
    try:
        found = assigned(document, Assignment("p", tuple(steps), value))
    except NotAPath:
        return
    finally:
        assert json.dumps(document) == before
    for step in steps:
        found = found[step]
    assert found == value


@given(st.text(), JSON)
def test_any_name_can_be_quoted(name: str, value: Any) -> None:  # noqa: ANN401
    """A quoted name may hold dots, brackets, quotes and equals signs."""
    text = f"[{json.dumps(name)}]={json.dumps(value)}"
    assert _set({}, text) == {name: value}

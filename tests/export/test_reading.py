"""Reading an export gives equal records back, and says which line is none and why."""

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import InvalidInput
from okhook.export import format as export_format
from okhook.export.format import exported, read_export
from okhook.records.attempt import Attempt
from okhook.records.record import Record
from tests.export.strategies import attempts, records
from tests.export.test_format import ATTEMPT, RECORD


def read(content: bytes) -> list[Record]:
    return list(read_export(io.BytesIO(content), "export.jsonl"))


def line(**changed: object) -> bytes:
    """Return the line of a record with members changed; None takes one away."""
    entry = {**exported(RECORD, [ATTEMPT]), **changed}
    return json.dumps({name: value for name, value in entry.items() if value is not None}).encode()


@given(made=st.lists(st.tuples(records, st.lists(attempts, max_size=2)), max_size=3))
def test_any_record_comes_back_equal(made: list[tuple[Record, list[Attempt]]]) -> None:
    """Any header bytes, any body, any kind: written and read again, it is the same record."""
    lines = [json.dumps(exported(record, tried)) for record, tried in made]
    assert read("\n".join(lines).encode()) == [record for record, _ in made]


def test_empty_lines_and_exports_one_after_the_other() -> None:
    """Files that were put together by hand are read; later members of a line are passed over."""
    content = line() + b"\n\n\r\n" + line(added_later={"x": 1}) + b"\n"
    assert read(content) == [RECORD, RECORD]


def test_lines_are_read_as_they_are_needed() -> None:
    """The records before a fault are there before it is seen; so no file is too large."""
    reader = read_export(io.BytesIO(line() + b"\n{\n"), "export.jsonl")
    assert next(reader) == RECORD
    with pytest.raises(InvalidInput) as refused:
        next(reader)
    assert refused.value.what == "line 2 of export.jsonl is not an exported delivery"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "an array, not an object"),
        (b'{"eventType": "com.okta.event_hook"}', 'type is not "exported"'),
        (line(format=2), "newer okhook"),
        (line(format=None), "format must be a whole number"),
        (line(seq=True), "seq must be a whole number"),
        (line(seq=-1), "seq must be a whole number"),
        (line(kind="parcel"), "kind must be one of delivery,"),
        (line(method=1), "method must be a string, not a number"),
        (line(path=None), "path must be a string, not null"),
        (line(received_at="noon"), "received_at must be a time like"),
        (line(received_at="2026-11-24T12:00:00"), "received_at must be a time like"),
        (line(received_at="0001-01-01T00:00:00+14:00"), "received_at must be a time like"),
        (line(headers={}), "headers must be an array of pairs"),
        (line(headers=[["a"]]), "pairs of Latin-1 strings"),
        (line(headers=["ab"]), "pairs of Latin-1 strings"),
        (line(headers=[["a", 1]]), "pairs of Latin-1 strings"),
        (line(headers=[["a", "\u2603"]]), "pairs of Latin-1 strings"),
        (line(body=None), "body must be a string, not null"),
        (line(body="\ud800"), "surrogate"),
        (line(body_base64="?"), "not base64"),
        (line(body_base64="\u2603"), "not base64"),
        (line(body_base64=1), "body_base64 must be a string"),
        (line(status="204"), "status must be a whole number"),
        (line(reason=1), "reason must be a string"),
        (line(auth="yes"), "auth must be one of not_asked,"),
        (line(duplicate_of="7"), "duplicate_of must be a whole number"),
    ],
)
def test_an_invalid_line_is_named(content: bytes, why: str) -> None:
    """The error has its number, counted from 1, and the reason."""
    with pytest.raises(InvalidInput) as refused:
        read(line() + b"\n\n" + content + b"\n")
    assert refused.value.what == "line 3 of export.jsonl is not an exported delivery"
    assert why in (refused.value.why or "")


def test_a_line_without_an_end_does_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is one endless line is refused before it is read whole."""
    monkeypatch.setattr(export_format, "LINE_LIMIT_BYTES", 1 << 20)

    class Endless(io.RawIOBase):
        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= (1 << 20) + 1
            return b" " * size

    with pytest.raises(InvalidInput, match="line 1"):
        list(read_export(Endless(), "/dev/zero"))  # type: ignore[arg-type]  # a stream that has readline


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    name=st.sampled_from(sorted(exported(RECORD))), value=json_values, junk=st.binary(max_size=10)
)
def test_any_file_is_read_or_refused(name: str, value: object, junk: bytes) -> None:
    """Whatever stands in a line, the outcome is a record or the error that names the line."""
    for content in (json.dumps({**exported(RECORD), name: value}).encode(), junk):
        try:
            read(content)
        except InvalidInput as error:
            assert re.match(r"line [0-9]+ of", error.what)  # noqa: PT017 - both outcomes are right

"""The form that values have in JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any

import pytest

from okhook.json_form import JsonForm, as_json, milliseconds, rounded, text, timestamp
from okhook.secret import Secret


class Size(Enum):
    """An enum whose values are not its names."""

    SMALL = "s"


@dataclass
class Box:
    """A dataclass with annotated fields."""

    content: Annotated[bytes, text()]
    took_s: Annotated[float | None, milliseconds("took_ms", 1)]
    weight: Annotated[float, rounded(1)]
    size: Size = Size.SMALL
    note: Annotated[str | None, JsonForm(omitted_when_none=True)] = None


@dataclass
class Parcel:
    """A dataclass that writes parts of another one, and a property."""

    json_fields = "address to=name box.took_s box.size boxes"
    name: str
    box: Box
    left_out: int = 0

    @property
    def address(self) -> str:
        return f"{self.name}'s place"

    @property
    def boxes(self) -> tuple[Box, ...]:
        return (self.box,)


BOX = Box(b"a\xff", 0.01234, 2.55)
WRITTEN = {"content": "a\ufffd", "took_ms": 12.3, "weight": 2.5, "size": "s"}


def test_a_dataclass_is_its_fields() -> None:
    """Each in the form that its annotation says; what is None stays None, or is left out."""
    assert as_json(BOX) == WRITTEN
    assert as_json(Box(b"", None, 0, note="n")) == {
        "content": "",
        "took_ms": None,
        "weight": 0,
        "size": "s",
        "note": "n",
    }


def test_json_fields_say_what_is_written() -> None:
    """In their order: properties, other names, and parts of a field with their own forms."""
    written: Any = as_json(Parcel("Ann", BOX))
    assert list(written) == ["address", "to", "took_ms", "size", "boxes"]
    assert list(written.values()) == ["Ann's place", "Ann", 12.3, "s", [WRITTEN]]


def test_a_class_may_say_itself_what_it_is() -> None:
    """Its ``to_json`` counts."""

    class Told:
        def to_json(self) -> str:
            return "told"

    assert as_json([Told(), (Told(),)]) == ["told", ["told"]]


def test_a_time_is_written_as_okta_writes_it() -> None:
    """In UTC, with milliseconds."""
    moment = datetime(2026, 11, 24, 14, 0, 0, 123999, tzinfo=timezone(timedelta(hours=2)))
    assert as_json(moment) == timestamp(moment) == "2026-11-24T12:00:00.123Z"
    assert as_json(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000Z"


@pytest.mark.parametrize("value", [Secret("s"), b"bytes", {1, 2}, object()])
def test_what_has_no_form_is_an_error(value: object) -> None:
    """A secret above all: it is written only where a field says so."""
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        as_json(value)

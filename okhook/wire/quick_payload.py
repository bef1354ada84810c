"""Check the body of a delivery in a third of the time that its JSON takes.

Every answer waits for this check. It builds none of the objects in the body, and cannot say what is
wrong with one: :mod:`okhook.wire.payload` can.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from okhook.wire.payload import ENVELOPE_TEXTS, EVENT_TEXTS, OUTCOME_TEXTS, PARTY_TEXTS

_Fields = list[tuple[str, Any, None]]


def quick_check() -> Callable[[bytes], list[str] | None]:
    """Return a function that returns the event types in a body.

    It returns None if the body may be no delivery.
    """
    decode = msgspec.json.Decoder(_envelope()).decode

    def event_types_in(body: bytes) -> list[str] | None:
        try:
            if not body.isascii():
                body.decode()  # msgspec does not check the encoding of what it skips
            return [event.eventType for event in decode(body).data.events]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    return event_types_in


def _envelope() -> Any:  # noqa: ANN401 - a type that is made here
    """Return the shape of a delivery with the fields that okhook knows. There may be others."""
    outcome: Any = msgspec.defstruct("Outcome", _texts(OUTCOME_TEXTS))
    party: Any = msgspec.defstruct("Party", _texts(PARTY_TEXTS))
    event: Any = msgspec.defstruct(
        "Event",
        [
            ("eventType", Annotated[str, msgspec.Meta(min_length=1)]),
            *_texts(EVENT_TEXTS),
            ("outcome", outcome | None, None),
            ("actor", party | None, None),
            ("target", list[party] | None, None),
        ],
    )
    events = Annotated[list[event], msgspec.Meta(min_length=1)]
    data: Any = msgspec.defstruct("Data", [("events", events)])
    return msgspec.defstruct("Envelope", [("data", data), *_texts(ENVELOPE_TEXTS)])


def _texts(names: Sequence[str]) -> _Fields:
    return [(name, str | None, None) for name in names]

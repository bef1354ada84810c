"""Deliveries for a load: a sample of the project's own, with ids that nobody has seen before."""

import functools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from okhook.runtime.ids import IdSource
from okhook.wire.delivery import body_of
from okhook.wire.samples.sample import SampleOrder, sample_of

_SENT_AT = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
_BEHAVIORS = ("New Geo-Location", "New Device", "New IP", "New State", "New Country", "Velocity")


@dataclass(frozen=True, slots=True)
class FreshDelivery:
    """A delivery that was not sent before: its ``eventId`` and its bytes."""

    event_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class DeliveryTemplate:
    """A body in three parts: the ``eventId`` goes before the second, the event's uuid after it."""

    head: bytes
    between: bytes
    tail: bytes

    def filled(self, event_id: str, uuid: str) -> FreshDelivery:
        """Return the delivery with these ids, both of a uuid's form."""
        body = b"".join((self.head, event_id.encode(), self.between, uuid.encode(), self.tail))
        return FreshDelivery(event_id, body)

    def fresh(self, source: random.Random) -> Iterator[FreshDelivery]:
        """Return deliveries without end, with random ids, as Okta's are: no order in them."""
        while True:
            yield self.filled(random_uuid(source), random_uuid(source))


def randomness(seed: int | None = None) -> random.Random:
    """Return a source of ids and moments: repeatable from a ``seed``, else new each time."""
    return random.Random(seed)  # noqa: S311 - nothing here is secret


def fresh_deliveries(source: random.Random | None = None) -> Iterator[FreshDelivery]:
    """Return deliveries of the sample without end, each with ids of its own."""
    return sample_template().fresh(source or randomness())


def random_uuid(source: random.Random) -> str:
    """Return a random uuid, fast."""
    digits = f"{source.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


@functools.cache
def sample_template() -> DeliveryTemplate:
    """Return the template of a delivery of 2.6 kB: a sample, and debug data as a real org's."""
    source = randomness(0)
    ids = IdSource(
        okta=lambda prefix: f"{prefix}{source.getrandbits(68):017x}",
        uuid=lambda: random_uuid(source),
    )
    document = json.loads(sample_of(SampleOrder(), ids=ids, now=_SENT_AT).body)
    (event,) = document["data"]["events"]
    event["debugContext"]["debugData"] |= {
        "threatSuspected": "false",
        "risk": "{reasons=Anomalous Device, level=LOW}",
        "behaviors": "{" + ", ".join(f"{name}=NEGATIVE" for name in _BEHAVIORS) + "}",
        "logOnlySecurityData": json.dumps(
            {"risk": {"level": "LOW"}, "behaviors": dict.fromkeys(_BEHAVIORS, "NEGATIVE")}
        ),
    }
    head, _, rest = body_of(document).partition(document["eventId"].encode())
    between, _, tail = rest.partition(event["uuid"].encode())
    return DeliveryTemplate(head, between, tail)

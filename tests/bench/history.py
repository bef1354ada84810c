"""A plausible month of an org: many event types and people, most of them rare, a few everywhere."""

import itertools
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import final

from okhook.json_form import timestamp
from okhook.runtime.ids import IdSource
from okhook.wire.delivery import InboundRequest
from okhook.wire.event_types import eligible
from okhook.wire.hook_call import delivery_headers
from okhook.wire.samples.sample import SampleOrder, sample_of
from tests.load.deliveries import random_uuid, randomness

PEOPLE = 5000
PLACES_OF_WORK = 500
"""How many groups, apps and policies there are of each kind."""

DUPLICATE_EVERY = 200
SPAN = timedelta(days=30)

_FIRST = (
    "Ada Ben Cleo Dan Eve Finn Gina Hugo Ines Jane Karl Lena Max Nora Otto Pia Rosa Sam Tom Uma"
)
_LAST = (
    "Abel Berg Cole Doe Egger Falk Graf Hahn Ives Jung Kuhn Lang Moss Nash Orth Paul Quast Roth"
    " Stein Thal Ulm Voss Weiss York Zorn"
)
_WRITTEN_AT = datetime(2000, 1, 1, tzinfo=UTC)
_WRITTEN_TIMES = re.compile(rb'"(2000-01-01|1999-12-31)T[0-9:.]+Z"')

Words = Callable[["_Person", random.Random], bytes]


@dataclass(frozen=True, slots=True)
class _Person:
    id: str
    first_name: str
    last_name: str
    login: str


@final
class _Template:
    """A sample of one event type, cut where the names, ids and times of a delivery go."""

    def __init__(self, event_type: str, hook_id: str) -> None:
        self._fillings: dict[bytes, Words] = {
            b"@first@": lambda person, _: person.first_name.encode(),
            b"@last@": lambda person, _: person.last_name.encode(),
            b"@login@people.example": lambda person, _: person.login.encode(),
        }
        self._numbers = itertools.count()
        self._hook_id = hook_id
        order = SampleOrder(event_type, "@first@", "@last@", "@login@people.example")
        sample = sample_of(order, ids=IdSource(self._okta_id, self._uuid), now=_WRITTEN_AT)
        marks = re.compile(b"|".join(re.escape(mark) for mark in self._fillings))
        body = _WRITTEN_TIMES.sub(b'"@time@"', sample.body)
        self._literals = marks.split(body)
        self._marks = marks.findall(body)

    def filled(self, person: _Person, at: datetime, source: random.Random) -> bytes:
        """Return a delivery about ``person``, of the moment ``at``, with fresh ids."""
        values = {mark: fill(person, source) for mark, fill in self._fillings.items()}
        parts = [self._literals[0]]
        for mark, literal in zip(self._marks, self._literals[1:], strict=True):
            parts += (values[mark], literal)
        return b"".join(parts).replace(b"@time@", timestamp(at).encode())

    def _okta_id(self, prefix: str) -> str:
        """Return a mark for an id: that of the person, of the hook, of a place, or a fresh one."""
        number = next(self._numbers)
        if prefix == "who":
            return self._hook_id
        mark = f"@{prefix}{number}@"
        if number == 0:
            self._fillings[mark.encode()] = lambda person, _: person.id.encode()
        elif prefix in ("trs", "idx"):
            self._fillings[mark.encode()] = lambda _, source: _id_of(prefix, source.getrandbits(64))
        else:
            self._fillings[mark.encode()] = lambda _, source: _id_of(
                prefix, source.randrange(PLACES_OF_WORK)
            )
        return mark

    def _uuid(self) -> str:
        mark = f"@uuid{next(self._numbers)}@"
        self._fillings[mark.encode()] = lambda _, source: random_uuid(source).encode()
        return mark


@final
class History:
    """The deliveries of a month that ends at ``end``; the same ones for the same ``seed``."""

    def __init__(self, count: int, end: datetime, *, seed: int = 1) -> None:
        self._count = count
        self._end = end
        self._source = randomness(seed)
        self._hook_id = "who" + "1" * 17
        self.people = [self._person(number) for number in range(PEOPLE)]
        self._common_first = list(itertools.accumulate(1 / rank for rank in range(1, PEOPLE + 1)))
        types = sorted(eligible())
        self._source.shuffle(types)
        self.event_types = types
        self._types_weights = list(
            itertools.accumulate(1 / rank for rank in range(1, len(types) + 1))
        )

    def __iter__(self) -> Iterator[InboundRequest]:
        """Return the requests in order of arrival; one in 200 comes twice."""
        templates = [_Template(event_type, self._hook_id) for event_type in self.event_types]
        step = SPAN / self._count
        body = b""
        for number in range(self._count):
            at = self._end - SPAN + step * number
            if number % DUPLICATE_EVERY or not body:
                (template,) = self._source.choices(templates, cum_weights=self._types_weights)
                (person,) = self._source.choices(self.people, cum_weights=self._common_first)
                body = template.filled(person, at, self._source)
            yield InboundRequest("POST", "/okta-webhooks-endpoint", self._headers(body), body, at)

    def _person(self, number: int) -> _Person:
        first = self._source.choice(_FIRST.split())
        last = self._source.choice(_LAST.split())
        login = f"{first}.{last}.{number}@people.example".lower()
        return _Person(f"00u{number:017d}", first, last, login)

    def _headers(self, body: bytes) -> tuple[tuple[bytes, bytes], ...]:
        pairs = [("Host", "hooks.example"), *delivery_headers(f"{self._source.getrandbits(96):x}")]
        pairs.append(("Content-Length", str(len(body))))
        return tuple((name.lower().encode(), value.encode()) for name, value in pairs)


def _id_of(prefix: str, number: int) -> bytes:
    return f"{prefix}{number % 10**17:017d}".encode()

"""The deliveries that a test's receiver kept, and the search among them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from okhook.json_form import JsonObject
from okhook.testing.arguments import event_type_fault
from okhook.text import plain

_SHOWN = 10
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery that came: one POST, so a retry is another. ``status`` is its answer's.

    The names of ``headers`` are in lower case.
    """

    headers: Mapping[str, str]
    body: bytes
    payload: JsonObject
    status: int

    @property
    def events(self) -> list[JsonObject]:
        """The events in it."""
        events: list[JsonObject] = self.payload["data"]["events"]
        return events

    @property
    def event_id(self) -> str | None:
        """The id of the delivery, by which a receiver knows a repeated one."""
        return self.payload.get("eventId")

    @property
    def types(self) -> list[str]:
        """The types of its events."""
        return [event["eventType"] for event in self.events]

    @property
    def accepted(self) -> bool:
        """Whether its answer was 2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """An event of a type, about a user: a login, an id, or a user as Okta's API returns it."""

    event_type: str | None
    user: str | Mapping[str, Any] | None

    def first(self, deliveries: Sequence[Received]) -> Received | None:
        """Return the first accepted delivery with such an event."""
        accepted = (each for each in deliveries if each.accepted)
        return next((each for each in accepted if any(map(self._fits, each.events))), None)

    def missed(self, deliveries: Sequence[Received], others: Sequence[str], within_s: float) -> str:
        """Return what came instead, for a person."""
        said = [f"no delivery{self._said()} was accepted within {within_s:g} s"]
        if self.event_type is not None and (fault := event_type_fault(self.event_type)):
            said.append(fault)
        came = [*map(_described, deliveries), *others]
        said.append("this came instead:" if came else "nothing came")
        said += [f"  {plain(each, limit=_LONGEST)}" for each in came[:_SHOWN]]
        if len(came) > _SHOWN:
            said.append(f"  and {len(came) - _SHOWN} more")
        return "\n".join(said)

    def _said(self) -> str:
        of = "" if self.event_type is None else f" of {self.event_type}"
        if self.user is None:
            return of
        return f"{of} about {' or '.join(sorted(_names(self.user)))}"

    def _fits(self, event: JsonObject) -> bool:
        if self.event_type not in (None, event["eventType"]):
            return False
        return self.user is None or not _names(self.user).isdisjoint(_people(event))


def _names(user: str | Mapping[str, Any]) -> set[str]:
    """Return the id and the login of a user, as far as they are known."""
    if isinstance(user, str):
        return {user.lower()}
    named = {user.get("id"), (user.get("profile") or {}).get("login")}
    return {name.lower() for name in named if isinstance(name, str)}


def _people(event: JsonObject) -> Iterator[str]:
    """Yield the ids and logins of an event's actor and targets."""
    for party in (event.get("actor"), *(event.get("target") or ())):
        for name in ("id", "alternateId"):
            if party is not None and party.get(name) is not None:
                yield party[name].lower()


def _described(delivery: Received) -> str:
    about = ", ".join(
        f"{event['eventType']} about {' and '.join(_targets(event)) or 'nobody'}"
        for event in delivery.events
    )
    return f"a delivery of {about}: answered {delivery.status}"


def _targets(event: JsonObject) -> list[str]:
    return [str(party.get("alternateId")) for party in event.get("target") or ()]

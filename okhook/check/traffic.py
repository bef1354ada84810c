"""Make the calls of the cases: challenges and deliveries about people who do not exist.

``okhook-check`` stands in their ids and names, in the hook's id and in the request ids. Only the
``eventId`` and the uuid of an event are plain, because receivers keep them as uuids.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, Final

from okhook.check.plan import SECRET_IN_SHELL, Call
from okhook.http.client import Headers
from okhook.runtime.ids import IdSource, new_uuid, utc_now
from okhook.secret import HookAuth
from okhook.wire.delivery import body_of, envelope, hook_source
from okhook.wire.event_types import DEFAULT_EVENT_TYPE
from okhook.wire.hook_call import delivery_headers, verification_headers
from okhook.wire.samples.sample import Person, sample_event

MARK: Final = "okhook-check"
"""Stands in everything that the checks make up."""

CHALLENGE: Final = "X-Okta-Verification-Challenge"
"""The header of the challenge as Okta's documentation spells it."""

Event = dict[str, Any]

_ORG_URL = f"https://{MARK}.okta.com"
_HOST = f"{MARK}.example.com"
_ZONE = "OFF_NETWORK"
_OKTA_ID_LENGTH = 20
_RANDOM = SystemRandom()


def marked_id(prefix: str) -> str:
    """Return a new id with the mark, as long as Okta's: ``prefix`` (``00u``, ``who``) and 17."""
    room = _OKTA_ID_LENGTH - len(prefix) - len(MARK)
    letters = _RANDOM.choices(string.ascii_letters + string.digits, k=room)
    return f"{prefix}{MARK}{''.join(letters)}"


MARKED_IDS: Final = IdSource(okta=marked_id, uuid=new_uuid)


@dataclass(frozen=True, slots=True)
class Presented:
    """What a call carries in place of the secret: headers, and how a shell makes the value."""

    headers: Headers
    in_shell: str = SECRET_IN_SHELL


NOTHING: Final = Presented(())


@dataclass(frozen=True, slots=True)
class Traffic:
    """Makes calls for a receiver with the secret ``auth``.

    ``event_types`` are those that its hook subscribes to. Most cases use the first.
    """

    auth: HookAuth | None = None
    event_types: tuple[str, ...] = (DEFAULT_EVENT_TYPE,)
    now: datetime = field(default_factory=utc_now)

    @property
    def right(self) -> Presented:
        """The right secret in its header; nothing if the receiver has none."""
        return NOTHING if self.auth is None else Presented((self.auth.header(),))

    def event(
        self,
        event_type: str | None = None,
        *,
        name: str = "Jane Doe",
        published: datetime | None = None,
        **changed: object,
    ) -> Event:
        """Return an event about a new person; ``changed`` replaces members of it."""
        code = marked_id("")
        person = Person(marked_id("00u"), f"{MARK} {name}", "", f"{code}@{_HOST}".lower())
        event = sample_event(
            event_type or self.event_types[0],
            person=person,
            published=published or self.now,
            ids=MARKED_IDS,
            hook_ids=(marked_id("who"),),
        )
        for party in (event["actor"], *event["target"]):
            if MARK not in str(party["displayName"]):
                party["displayName"] = f"{MARK} {party['displayName']}"
        event["client"]["zone"] = _ZONE
        return {**event, **changed}

    def events(self, count: int) -> list[Event]:
        """Return events of different people, 20 ms apart."""
        apart = timedelta(milliseconds=20)
        return [self.event(published=self.now - apart * (count - n)) for n in range(count)]

    def document(
        self, events: Sequence[Event], *, event_time: datetime | None = None
    ) -> dict[str, Any]:
        """Return the payload of a delivery."""
        return envelope(
            list(events),
            source=hook_source(_ORG_URL, marked_id("who")),
            event_id=new_uuid(),
            event_time=event_time or self.now,
        )

    def delivery(self, *events: Event, label: str = "", presented: Presented | None = None) -> Call:
        """Return a delivery of ``events``, of one new event if there are none."""
        body = body_of(self.document(events or (self.event(),)))
        return self.post(body, label=label, presented=presented)

    def again(self, call: Call) -> Call:
        """Return a call that is sent a second time."""
        return replace(call, label=f"{call.label} again".strip())

    def post(self, body: bytes, *, label: str = "", presented: Presented | None = None) -> Call:
        """Return a POST with Okta's headers; ``presented`` replaces the secret."""
        shown = self.right if presented is None else presented
        headers = delivery_headers(f"{MARK}-{new_uuid()}", custom=shown.headers)
        return _call("POST", headers, body, shown, label)

    def challenge(
        self,
        value: str | None,
        *,
        header: str = CHALLENGE,
        label: str = "",
        presented: Presented | None = None,
    ) -> Call:
        """Return the verification GET with ``value``; without the header if that is None."""
        shown = self.right if presented is None else presented
        request_id = f"{MARK}-{new_uuid()}"
        headers = [
            (header if name.lower() == CHALLENGE.lower() else name, text)
            for name, text in verification_headers(value or "", request_id, custom=shown.headers)
            if value is not None or name.lower() != CHALLENGE.lower()
        ]
        return _call("GET", headers, None, shown, label)


def _call(method: str, headers: Headers, body: bytes | None, shown: Presented, label: str) -> Call:
    return Call(
        method,
        tuple(headers),
        body,
        label=label,
        secret_header=shown.headers[0][0] if shown.headers else None,
        secret_in_shell=shown.in_shell,
    )


def once(*events: Event) -> dict[str, int]:
    """Return that each event must be processed once, by uuid."""
    return {str(event["uuid"]): 1 for event in events}

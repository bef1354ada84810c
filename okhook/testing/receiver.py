"""A receiver that keeps what it gets, for tests of what sends events."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self

import anyio
from anyio.from_thread import start_blocking_portal
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from okhook.json_form import JsonObject
from okhook.runtime.server import serving
from okhook.runtime.sockets import bound, url_of
from okhook.testing.arguments import event_type_fault, read_options
from okhook.text import plain
from okhook.wire.delivery import answer_body, challenge_of
from okhook.wire.payload import NotADelivery, checked_events, payload_of

_PATH = "/hook"
_LOOK_S = 0.005


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


class Receiver:
    """A receiver of event hooks in this process, on a free loopback port.

    It answers the verification challenge, and deliveries with 204. ``secret`` is the whole value of
    the ``Authorization`` header, if it should require one::

        with SandboxOrg() as org, Receiver() as receiver:
            org.create_hook(receiver.url, "user.lifecycle.create")
            user = org.create_user()
            receiver.wait_for(type="user.lifecycle.create", user=user)
    """

    def __init__(self, *, secret: str | None = None) -> None:
        self._auth, _, _ = read_options(secret=secret)
        self._url: str | None = None
        self._stack = ExitStack()
        self._changed = threading.Condition()
        self._deliveries: list[Received] = []
        self._others: list[str] = []
        self._answers: deque[tuple[int, float]] = deque()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal())
            listener = bound("127.0.0.1", 0)
            stack.callback(listener.close)
            self._url = url_of(listener, _PATH)
            server = serving(self._app, listener, lambda _: None)
            stack.enter_context(portal.wrap_async_context_manager(server))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *fault: object) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """The URL of the hook, such as ``http://127.0.0.1:40123/hook``."""
        if self._url is None:
            raise RuntimeError('the receiver does not run: use "with Receiver() as receiver:"')
        return self._url

    @property
    def deliveries(self) -> list[Received]:
        """The deliveries so far, in order, also those that were not accepted."""
        with self._changed:
            return list(self._deliveries)

    def answer_next(self, *statuses: int, delay: float = 0.0) -> None:
        """Answer the next deliveries with ``statuses``, each after ``delay`` seconds.

        Okta sends a delivery once more after ``answer_next(503)``, and after 3 seconds without an
        answer.
        """
        if not statuses or not all(status in range(200, 600) for status in statuses):
            raise ValueError("expected statuses from 200 to 599, as in answer_next(503)")
        with self._changed:
            self._answers += [(status, delay) for status in statuses]

    def clear(self) -> None:
        """Forget the deliveries so far, and the answers that :meth:`answer_next` planned."""
        with self._changed:
            self._deliveries.clear()
            self._others.clear()
            self._answers.clear()

    def wait_for(
        self,
        *,
        type: str | None = None,  # noqa: A002 - Okta's word
        user: str | Mapping[str, Any] | None = None,
        timeout: float = 5.0,
    ) -> Received:
        """Return the first accepted delivery with an event of the type, about the user.

        It may have come already. ``user`` is a login, an id, or a user as Okta's API returns it.
        After ``timeout`` seconds it raises ``AssertionError``, which says what came instead.
        """
        wanted = Wanted(type, user)
        with self._changed:
            self._changed.wait_for(lambda: wanted.first(self._deliveries), timeout)
        return self._found(wanted, timeout)

    async def wait_for_async(
        self,
        *,
        type: str | None = None,  # noqa: A002 - Okta's word
        user: str | Mapping[str, Any] | None = None,
        timeout: float = 5.0,  # noqa: ASYNC109 - as in wait_for
    ) -> Received:
        """Wait as :meth:`wait_for` does, while the event loop of the test goes on."""
        wanted, until = Wanted(type, user), time.monotonic() + timeout
        while wanted.first(self.deliveries) is None and time.monotonic() < until:  # noqa: ASYNC110
            await anyio.sleep(_LOOK_S)
        return self._found(wanted, timeout)

    def _found(self, wanted: Wanted, within_s: float) -> Received:
        with self._changed:
            found = wanted.first(self._deliveries)
            if found is None:
                raise AssertionError(wanted.missed(self._deliveries, self._others, within_s))
            return found

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.path != _PATH:
            return self._refused(404, f"{request.method} {request.url.path}")
        if not self._is_let_in(request):
            return self._refused(401, f"{request.method} without the right secret")
        challenge = challenge_of(request.headers.raw)
        if request.method == "GET" and challenge is not None:
            self._note("a verification challenge: answered 200")
            return Response(answer_body(challenge), media_type="application/json")
        if request.method != "POST":
            return self._refused(405, request.method)
        return await self._kept(request)

    async def _kept(self, request: Request) -> Response:
        body = await request.body()
        try:
            payload = payload_of(body)
            checked_events(payload)
        except NotADelivery as error:
            return self._refused(400, f"a POST that is no delivery ({error})")
        with self._changed:
            status, delay_s = self._answers.popleft() if self._answers else (204, 0.0)
        await anyio.sleep(delay_s)
        with self._changed:
            headers = dict(request.headers)
            assert isinstance(payload, dict)  # noqa: S101 - checked_events says so
            self._deliveries.append(Received(headers, body, payload, status))
            self._changed.notify_all()
        return Response(status_code=status)

    def _is_let_in(self, request: Request) -> bool:
        if self._auth is None:
            return True
        sent = request.headers.get(self._auth.field, "")
        return self._auth.secret.matches(sent.encode("latin-1"))

    def _refused(self, status: int, what: str) -> Response:
        self._note(f"{what}: answered {status}")
        return Response(status_code=status)

    def _note(self, what: str) -> None:
        with self._changed:
            self._others.append(what)

"""The System Log API: queries, and their entries page by page.

Okta has two kinds of query. A *bounded* one has ``until`` or is newest first, and its pages end. A
*polling* one (no ``until``, oldest first) always has a next page, which is empty until something
happens.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from okhook.json_form import JsonObject, moment_of, timestamp
from okhook.okta.answers import as_object, as_text, text_of, wrong_type
from okhook.okta.client import Call, OktaClient
from okhook.wire.delivery import debug_names


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry. ``published`` is aware UTC; ``raw`` is Okta's object.

    ``hook_ids`` are the hooks that the org chose for the event (``targetEventHookIds``); None if
    the entry has no such field.
    """

    uuid: str
    event_type: str
    published: datetime
    hook_ids: tuple[str, ...] | None
    raw: Mapping[str, Any]

    @property
    def outcome(self) -> str | None:
        """``SUCCESS``, ``FAILURE`` …, if the entry states it."""
        return _text_in(self.raw.get("outcome"), "result")

    @property
    def reason(self) -> str | None:
        """Why it failed, in the org's words, if the entry states it."""
        return _text_in(self.raw.get("outcome"), "reason")

    @property
    def target_ids(self) -> tuple[str, ...]:
        """The ids of the entry's targets."""
        targets = self.raw.get("target")
        if not isinstance(targets, list):
            return ()
        ids = (_text_in(target, "id") for target in targets)
        return tuple(each for each in ids if each is not None)


def read_log_entry(value: object) -> LogEntry:
    """Read Okta's object; raise UnexpectedAnswer if it is not a log entry."""
    entry = as_object(value, "a System Log entry")
    uuid, event_type = text_of(entry, "uuid"), text_of(entry, "eventType")
    if not uuid or not event_type:
        raise wrong_type("eventType" if uuid else "uuid", "a string", "")
    return LogEntry(
        uuid=uuid,
        event_type=event_type,
        published=_moment(entry.get("published")),
        hook_ids=debug_names(entry, "targetEventHookIds"),
        raw=entry,
    )


def hook_event(entry: Mapping[str, Any]) -> JsonObject:
    """Return a System Log entry in the form of a hook's delivery.

    The log has ``request.ipChain``. A delivery has ``client.ipChain`` and no ``request``;
    ``device`` and ``insertionTimestamp`` are null and ``client.zone`` is the *string* "null"
    (Okta's guide "Event hooks with Hookdeck").
    """
    event: JsonObject = {name: value for name, value in entry.items() if name != "request"}
    client = entry.get("client")
    request = entry.get("request")
    ip_chain = request.get("ipChain") if isinstance(request, dict) else None
    if isinstance(client, dict):
        zone = client.get("zone")
        event["client"] = {
            **client,
            "zone": "null" if zone is None else zone,
            "ipChain": ip_chain or client.get("ipChain") or [],
        }
    return {**event, "device": None, "insertionTimestamp": None}


def _moment(value: object) -> datetime:
    moment = moment_of(value) if isinstance(value, str) else None
    if moment is None:
        raise wrong_type("published", "a time", value)
    return moment


def _text_in(value: object, key: str) -> str | None:
    text = value.get(key) if isinstance(value, dict) else None
    return as_text(text, key) if isinstance(text, str) else None


LOGS_PATH = "/api/v1/logs"

MOST_A_PAGE = 1000
"""Okta's limit for the entries of a page."""

DELIVERY_FAILED = "event_hook.delivery"
"""An org logs one for each delivery that failed, and for no other."""

VERIFIED = "event_hook.verified"
"""An org logs one for each verification, with its outcome."""

RETENTION_DAYS = 90
"""How long Okta keeps an entry."""

_TIMEOUT_S = 60.0
"""Okta can take long for a page of a thousand entries that match a filter."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A query. Times are aware; ``filter`` is a SCIM filter in Okta's dialect."""

    since: datetime | None = None
    until: datetime | None = None
    filter: str | None = None
    newest_first: bool = False
    limit: int = MOST_A_PAGE

    def path(self) -> str:
        """Return the path of its first page, relative to the org's URL."""
        params = {
            "since": self.since and timestamp(self.since),
            "until": self.until and timestamp(self.until),
            "filter": self.filter,
            "limit": self.limit,
            "sortOrder": "DESCENDING" if self.newest_first else "ASCENDING",
        }
        given = {name: value for name, value in params.items() if value is not None}
        return f"{LOGS_PATH}?{urlencode(given, quote_via=quote)}"


@dataclass(frozen=True, slots=True)
class SystemLogApi:
    """The System Log of one org. Methods raise the errors of :class:`OktaClient`."""

    _client: OktaClient

    async def first_page(self, query: LogQuery) -> tuple[LogEntry, ...]:
        """Return the first page of a query's entries."""
        async with aclosing(self.pages(query)) as pages:
            return await anext(pages)

    async def pages(self, query: LogQuery) -> AsyncGenerator[tuple[LogEntry, ...]]:
        """Yield a query's entries page by page; a polling query ends with its first empty page."""
        call = Call("GET", query.path(), timeout_s=_TIMEOUT_S)
        async for page in self._client.pages(call, "the System Log"):
            yield tuple(map(read_log_entry, page))
            if not page and query.until is None and not query.newest_first:
                return

    async def entries(self, query: LogQuery) -> AsyncIterator[LogEntry]:
        """Yield a query's entries."""
        async for page in self.pages(query):
            for entry in page:
                yield entry

    async def latest(self, event_type: str, *, now: datetime) -> LogEntry | None:
        """Return the newest entry of a type; None if the log has none."""
        since = now - timedelta(days=RETENTION_DAYS)
        wanted = is_one_of((event_type,))
        query = LogQuery(since=since, filter=wanted, newest_first=True, limit=1)
        return next(iter(await self.first_page(query)), None)


def is_one_of(event_types: tuple[str, ...]) -> str:
    """Return a filter for entries of these types."""
    return " or ".join(f'eventType eq "{_quoted(each)}"' for each in event_types)


def about(target_id: str, event_types: tuple[str, ...]) -> str:
    """Return a filter for entries of these types with that target."""
    return f'({is_one_of(event_types)}) and target.id eq "{_quoted(target_id)}"'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

"""The System Log API: queries, and their results page by page.

Okta has two kinds of query. A *bounded* one has ``until`` or is newest first, and its pages end. A
*polling* one (no ``until``, oldest first) always has a next page, which is empty until something
happens.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import final
from urllib.parse import quote, urlencode

from okhook.json_form import timestamp
from okhook.okta.client import Call, OktaClient
from okhook.okta.log_entry import LogEntry, read_log_entry

_PATH = "/api/v1/logs"

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
        params = [
            ("since", None if self.since is None else timestamp(self.since)),
            ("until", None if self.until is None else timestamp(self.until)),
            ("filter", self.filter),
            ("limit", str(self.limit)),
            ("sortOrder", "DESCENDING" if self.newest_first else "ASCENDING"),
        ]
        given = [(name, value) for name, value in params if value is not None]
        return f"{_PATH}?{urlencode(given, quote_via=quote)}"


@final
class SystemLogApi:
    """The System Log of one org. Methods raise the errors of :class:`OktaClient`."""

    def __init__(self, client: OktaClient) -> None:
        self._client = client

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


def about(target_id: str, event_types: str) -> str:
    """Return a filter for entries with that target that also match the filter ``event_types``."""
    return f'({event_types}) and target.id eq "{_quoted(target_id)}"'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

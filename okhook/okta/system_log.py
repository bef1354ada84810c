"""The System Log API: questions to it, and its answers page by page.

Okta knows two kinds of question. A *bounded* one has ``until`` or runs backwards, and its pages
end. A *polling* one (no ``until``, oldest first) always has a next page, which stays empty until
something happens. The next page is reached through the ``Link`` header alone.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import final
from urllib.parse import quote, urlencode

from okhook.json_form import timestamp
from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.client import Call, OktaClient, page_key
from okhook.okta.log_entry import LogEntry, read_log_entry

_PATH = "/api/v1/logs"

MOST_A_PAGE = 1000
"""Entries of a page, the most that Okta gives."""

DELIVERY_FAILED = "event_hook.delivery"
"""An org logs one for a delivery that failed, and none for any other."""

VERIFIED = "event_hook.verified"
"""An org logs one for each verification, with its outcome."""

RETENTION_DAYS = 90
"""For how long Okta keeps an entry."""

_TIMEOUT_S = 60.0
"""A page of a thousand entries, asked for with a filter, may take Okta long."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A question. Times are aware; ``filter`` is a SCIM filter of Okta's."""

    since: datetime | None = None
    until: datetime | None = None
    filter: str | None = None
    newest_first: bool = False
    limit: int = MOST_A_PAGE

    def path(self) -> str:
        """Return the path of its first page, below the org's URL."""
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
    """The System Log of one org.

    Methods raise ``CredentialsError``, ``OktaRefused`` and ``Unavailable`` with what the org said,
    and UnexpectedAnswer where that is not a page of the log.
    """

    def __init__(self, client: OktaClient) -> None:
        self._client = client

    async def first_page(self, query: LogQuery) -> tuple[LogEntry, ...]:
        """Return the entries of the first page that answers ``query``."""
        entries, _ = await self._page(query.path())
        return entries

    async def pages(self, query: LogQuery) -> AsyncIterator[tuple[LogEntry, ...]]:
        """Yield the pages that answer ``query``; a polling one ends with its first empty page."""
        seen: set[int] = set()
        following: str | None = query.path()
        while following is not None:
            if page_key(following) in seen:
                raise UnexpectedAnswer(
                    f"the System Log of {self._client.org.host} comes to no end",
                    why="its next page is one that was read already",
                    next_step="try again, or read less of it with --since",
                )
            seen.add(page_key(following))
            entries, following = await self._page(following)
            yield entries
            if not entries and query.until is None and not query.newest_first:
                return

    async def entries(self, query: LogQuery) -> AsyncIterator[LogEntry]:
        """Yield the entries that answer ``query``."""
        async for page in self.pages(query):
            for entry in page:
                yield entry

    async def latest(self, event_type: str, *, now: datetime) -> LogEntry | None:
        """Return the newest entry of a type that the log still has; None where it has none."""
        since = now - timedelta(days=RETENTION_DAYS)
        wanted = is_one_of((event_type,))
        query = LogQuery(since=since, filter=wanted, newest_first=True, limit=1)
        return next(iter(await self.first_page(query)), None)

    async def _page(self, path: str) -> tuple[tuple[LogEntry, ...], str | None]:
        """Return the entries of a page, and the path of the next one; None for the last."""
        call = Call("GET", path, timeout_s=_TIMEOUT_S)
        entries, following = await self._client.page(call, "the System Log")
        return tuple(map(read_log_entry, entries)), following


def is_one_of(event_types: tuple[str, ...]) -> str:
    """Return a filter for entries of these types; Okta takes ``or`` between tests."""
    return " or ".join(f'eventType eq "{_quoted(each)}"' for each in event_types)


def about(target_id: str, event_types: str) -> str:
    """Return a filter for entries about that target that ``event_types``, a filter, lets pass."""
    return f'({event_types}) and target.id eq "{_quoted(target_id)}"'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

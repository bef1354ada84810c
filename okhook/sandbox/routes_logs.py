"""The System Log API, ``GET /api/v1/logs``: which entries, in which order, and the next page.

Okta has two kinds of query. A *bounded* query has ``until`` or descends; its pages end. A *polling*
query (no ``until``, ascending) always has a next page, which is empty until something happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from starlette.responses import Response

from okhook.json_form import moment_of
from okhook.sandbox.call import Call, Endpoint, Params, json_answer
from okhook.sandbox.lists import filter_in, first, limit_of, links_of, whole_number
from okhook.sandbox.refusals import invalid
from okhook.sandbox.scim import Test
from okhook.sandbox.system_log import Logged, SystemLog, epoch_ms

_DEFAULT_SPAN = timedelta(days=7)
_RETENTION = timedelta(days=90)
_MAX_KEYWORDS = 10
_MAX_KEYWORD = 40


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A valid query. ``after`` is the number in its cursor."""

    since: datetime
    until: datetime | None
    after: int | None
    test: Test | None
    keywords: tuple[str, ...]
    limit: int
    descending: bool


class LogPage(NamedTuple):
    """An answer. ``next_cursor`` is None if there is no next page."""

    entries: Sequence[Logged]
    next_cursor: str | None


async def _list_log_entries(call: Call) -> Response:
    page = log_page(log_query(call.params, call.org.now()), call.org.log)
    content = b",".join(logged.body for logged in page.entries)
    return json_answer(b"[" + content + b"]", links_of(call, page.next_cursor))


ENDPOINTS: tuple[Endpoint, ...] = (("GET", "/api/v1/logs", _list_log_entries),)


def log_query(params: Params, now: datetime) -> LogQuery:
    """Return the query in the parameters."""
    since, until = _time(params, "since"), _time(params, "until")
    after = first(params, "after")
    oldest = now - _RETENTION
    if since is not None and until is not None and since > until:
        raise invalid("until", "until: must not be before since")
    if since is None and after is None:
        since = (now if until is None else max(until, oldest)) - _DEFAULT_SPAN
    return LogQuery(
        since=oldest if since is None else max(since, oldest),
        until=until,
        after=None if after is None else _seq_of_cursor(after),
        test=filter_in(params, "filter"),
        keywords=_keywords(params),
        limit=limit_of(params, default=100, maximum=1000),
        descending=_descending(params),
    )


def log_page(query: LogQuery, log: SystemLog) -> LogPage:
    """Return the page of ``log`` that answers ``query``."""
    candidates = log.read(query.after, query.since, descending=query.descending)
    matching = (logged for logged in candidates if _matches(logged, query))
    found = tuple(islice(matching, query.limit + 1))
    page = found[: query.limit]
    if len(found) > len(page):
        return LogPage(page, _next_cursor(query, page, log.last_seq))
    polls = query.until is None and not query.descending
    return LogPage(page, _cursor(query.since, log.last_seq) if polls else None)


def _next_cursor(query: LogQuery, page: Sequence[Logged], last_seq: int) -> str:
    """Return a cursor behind the last entry of the page; for an empty page, where it started."""
    if page:
        return _cursor(page[-1].published, page[-1].seq)
    if query.after is not None:
        return _cursor(query.since, query.after)
    return _cursor(query.since, last_seq + 1 if query.descending else 0)


def _cursor(published: datetime, seq: int) -> str:
    return f"{epoch_ms(published)}_{seq}"


def _seq_of_cursor(cursor: str) -> int:
    published, _, seq = cursor.partition("_")
    number = whole_number(seq)
    if whole_number(published) is None or number is None:
        raise invalid("after", "after: not a cursor of this API")
    return number


def _matches(logged: Logged, query: LogQuery) -> bool:
    if logged.published < query.since:
        return False
    if query.until is not None and logged.published > query.until:
        return False
    if query.test is not None and not query.test(_LazyEntry(logged)):
        return False
    return not query.keywords or _has_keywords(logged.entry, query.keywords)


class _LazyEntry(dict[str, Any]):
    """An entry that is parsed only if a filter asks for more than its type, which few do."""

    def __init__(self, logged: Logged) -> None:
        super().__init__(eventType=logged.event_type)
        self._logged = logged

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - JSON
        entry = self._logged.entry
        self.update(entry)
        return entry[name]


def _has_keywords(entry: object, keywords: tuple[str, ...]) -> bool:
    words = "\n".join(_texts(entry)).casefold()
    return all(keyword in words for keyword in keywords)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for element in value for text in _texts(element)]
    return []


def _time(params: Params, name: str) -> datetime | None:
    text = first(params, name)
    if text is None:
        return None
    moment = moment_of(text)
    if moment is None:
        raise invalid(name, f"{name}: must be a time such as 2026-01-31T12:00:00.000Z")
    return moment


def _keywords(params: Params) -> tuple[str, ...]:
    keywords = (first(params, "q") or "").casefold().split()
    if len(keywords) > _MAX_KEYWORDS or any(len(word) > _MAX_KEYWORD for word in keywords):
        raise invalid("q", f"q: at most {_MAX_KEYWORDS} words of {_MAX_KEYWORD} characters")
    return tuple(keywords)


def _descending(params: Params) -> bool:
    order = first(params, "sortOrder") or "ASCENDING"
    if order not in ("ASCENDING", "DESCENDING"):
        raise invalid("sortOrder", "sortOrder: must be ASCENDING or DESCENDING")
    return order == "DESCENDING"

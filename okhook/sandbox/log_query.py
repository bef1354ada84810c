"""Questions to the System Log: which entries, in which order, and where the next page begins.

Okta knows two kinds. A *bounded* query has ``until`` or runs backwards; its pages end. A *polling*
query (no ``until``, ascending) always has a next page, which stays empty until something happens.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, final

from okhook.sandbox.call import Params
from okhook.sandbox.lists import filter_in, first, limit_of, whole_number
from okhook.sandbox.refusals import invalid
from okhook.sandbox.scim_filter import Test
from okhook.sandbox.system_log import Logged, SystemLog, epoch_ms

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
DEFAULT_SPAN = timedelta(days=7)
RETENTION = timedelta(days=90)
_MAX_KEYWORDS = 10
_MAX_KEYWORD = 40


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A question, checked. ``after`` is the number that the cursor stands behind."""

    since: datetime
    until: datetime | None
    after: int | None
    test: Test | None
    keywords: tuple[str, ...]
    limit: int
    descending: bool

    @property
    def polls(self) -> bool:
        """Whether there is always a next page."""
        return self.until is None and not self.descending


@dataclass(frozen=True, slots=True)
class LogPage:
    """An answer. ``next_cursor`` is None where there is no next page."""

    entries: tuple[Logged, ...]
    next_cursor: str | None


def log_query(params: Params, now: datetime) -> LogQuery:
    """Return the question that the parameters ask; raise ``ApiRefusal`` for an invalid one."""
    since, until = _time(params, "since"), _time(params, "until")
    after = first(params, "after")
    oldest = now - RETENTION
    if since is not None and until is not None and since > until:
        raise invalid("until", "until: must not lie before since")
    if since is None and after is None:
        since = (now if until is None else max(until, oldest)) - DEFAULT_SPAN
    return LogQuery(
        since=oldest if since is None else max(since, oldest),
        until=until,
        after=None if after is None else _seq_of_cursor(after),
        test=filter_in(params, "filter"),
        keywords=_keywords(params),
        limit=limit_of(params, default=DEFAULT_LIMIT, maximum=MAX_LIMIT),
        descending=_descending(params),
    )


def log_page(query: LogQuery, log: SystemLog) -> LogPage:
    """Return the page of ``log`` that answers ``query``."""
    if query.descending:
        candidates = log.backwards(before=query.after, since=query.since)
    else:
        candidates = log.forwards(after=query.after, since=query.since)
    wanted = (logged for logged in candidates if _is_wanted(logged, query))
    found = tuple(islice(wanted, query.limit + 1))
    page = found[: query.limit]
    if len(found) > len(page):
        return LogPage(page, _next_cursor(query, page, log.last_seq))
    return LogPage(page, _cursor(query.since, log.last_seq) if query.polls else None)


def _next_cursor(query: LogQuery, page: Sequence[Logged], last_seq: int) -> str:
    """Return where the next page begins: behind the last entry shown, or where this one did."""
    if page:
        return _cursor(page[-1].published, page[-1].seq)
    if query.after is not None:
        return _cursor(query.since, query.after)
    return _cursor(query.since, last_seq + 1 if query.descending else 0)


def _cursor(published: datetime, seq: int) -> str:
    """Return the cursor that stands behind the log entry ``seq``."""
    return f"{epoch_ms(published)}_{seq}"


def _seq_of_cursor(cursor: str) -> int:
    """Return the number of the log entry that ``cursor`` stands behind."""
    published, _, seq = cursor.partition("_")
    number = whole_number(seq)
    if whole_number(published) is None or number is None:
        raise invalid("after", "after: not a cursor of this API")
    return number


def _is_wanted(logged: Logged, query: LogQuery) -> bool:
    if logged.published < query.since:
        return False
    if query.until is not None and logged.published > query.until:
        return False
    if query.test is not None and not query.test(_Unread(logged)):
        return False
    return not query.keywords or _has_keywords(logged.entry, query.keywords)


@final
class _Unread(Mapping[str, Any]):
    """An entry that is read once a test asks for more than its type: most tests ask for that."""

    def __init__(self, logged: Logged) -> None:
        self._logged = logged
        self._read: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - JSON
        return self._logged.event_type if name == "eventType" else self._entry[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entry)

    def __len__(self) -> int:
        return len(self._entry)

    @property
    def _entry(self) -> dict[str, Any]:
        if self._read is None:
            self._read = self._logged.entry
        return self._read


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
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise invalid(name, f"{name}: must be a time as in 2026-01-31T12:00:00.000Z") from None


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

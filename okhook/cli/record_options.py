"""Options that choose records: the same in list, search, export and replay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from okhook.cli.command import Panel, argument, option, switch
from okhook.cli.completion import event_types, known_receivers, latest_ids
from okhook.cli.options import check_texts, quantity
from okhook.errors import InvalidInput
from okhook.records.record import RecordFilter, RecordStatus
from okhook.text import did_you_mean, plain

FILTERS = Panel("Filters", "events user since until statuses receiver")
LIST_FILTERS = Panel("Filters", *FILTERS.options, "everything")

receiver_option = partial(
    option,
    "Only what the receiver of this name received",
    metavar="NAME",
    completion=known_receivers,
)
id_argument = partial(
    argument,
    "The delivery: its number, its eventId, an event's uuid, or latest",
    metavar="ID",
    completion=latest_ids,
)


@dataclass(frozen=True, slots=True)
class PageFlags:
    """The page of records that ``list`` or ``search`` shows."""

    limit: int = option(
        "Number of deliveries to show", short="-n", minimum=1, maximum=100_000, default=20
    )
    before: int | None = option("Show only deliveries before number N", metavar="N", minimum=1)


@dataclass(frozen=True)
class FilterFlags:
    """The flags that filter records."""

    events: list[str] | None = option(
        "Event types, or patterns like 'user.lifecycle.*'",
        name="--event",
        metavar="TYPE",
        completion=event_types,
        takes_names=True,
    )
    user: str | None = option("Login or id of a user in the event", metavar="USER")
    since: str | None = option(
        "Received after this: 2h, 7d, 2026-11-24, 2026-11-24T12:00", metavar="AGE|TIME"
    )
    until: str | None = option("Received before this; a date includes its day", metavar="AGE|TIME")
    statuses: list[str] | None = option(
        f"Statuses: {', '.join(RecordStatus)}",
        name="--status",
        metavar="STATUS",
        completion=lambda: list(RecordStatus),
        takes_names=True,
    )
    receiver: str | None = receiver_option()


@dataclass(frozen=True)
class ListFilterFlags(FilterFlags):
    """The flags that filter records, with ``--all`` for canaries and verifications, too."""

    everything: bool = switch("Include canaries (test deliveries) and verifications", name="--all")


def record_filter(flags: FilterFlags, *, now: datetime, words: Sequence[str] = ()) -> RecordFilter:
    """Return the filter of the flags and of the ``words`` of a search."""
    from okhook.quantities import parse_since, parse_until

    check_texts("--event", flags.events or ())
    check_texts("--user", () if flags.user is None else (flags.user,))
    check_texts("--receiver", () if flags.receiver is None else (flags.receiver,))
    check_texts("TEXT", words)
    since = _moment("--since", flags.since, partial(parse_since, now=now))
    until = _moment("--until", flags.until, partial(parse_until, now=now))
    if since is not None and until is not None and since > until:
        raise InvalidInput(f"--since {flags.since} is after --until {flags.until}")
    return RecordFilter(
        events=tuple(flags.events or ()),
        user=flags.user,
        words=tuple(words),
        receiver=flags.receiver,
        since=since,
        until=until,
        statuses=frozenset(map(_status, flags.statuses or ())),
        everything=isinstance(flags, ListFilterFlags) and flags.everything,
    )


def _status(text: str) -> RecordStatus:
    if text in tuple(RecordStatus):
        return RecordStatus(text)
    *most, last = RecordStatus
    raise InvalidInput(
        f"invalid --status value '{plain(text, limit=80)}': expected {', '.join(most)} or {last}",
        next_step=did_you_mean(text, RecordStatus),
    )


def _moment(option: str, text: str | None, parse: Callable[[str], datetime]) -> datetime | None:
    return None if text is None else quantity(option, text, parse)

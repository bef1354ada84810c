"""Options that several commands have: groups of settings, and flags that are no settings."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from typing import Annotated, TypeVar

from okhook.cli.command import Argument, Panel
from okhook.cli.completion import hooks_starting_with, ids_starting_with, receivers_starting_with
from okhook.config.setting import Flag
from okhook.errors import InvalidInput
from okhook.records.record import RecordFilter, RecordStatus
from okhook.text import plain
from okhook.wire.event_types import DEFAULT_EVENT_TYPE, starting_with

T = TypeVar("T")

RECEIVER = ("host", "port", "path")
STORE = Panel("Store", ("store",))
INSPECTOR = Panel("Inspector", ("open_", "inspector_port", "no_inspector"))
HOOK_SECRET = Panel("Secret", ("auth_secret_file", "auth_secret", "basic_auth"))
SECRET = Panel("Secret", ("auth_secret_file", "auth_secret", "basic_auth", "auth_field"))
OPERATION = ("admin",)
TUNNEL = ("source", "timeout", "hookdeck", "hookdeck_arguments")
FORWARDING = (
    *("forward_format", "retries", "forward_timeout", "concurrency"),
    *("skip_backlog", "skip_duplicates", "send_secret"),
    *("nats_credentials", "nats_certificate"),
)

FILTERS = Panel("Filters", ("events", "user", "since", "until", "statuses", "receiver"))
LIST_FILTERS = Panel("Filters", (*FILTERS.options, "everything"))

EVENTS_KEPT = f"unchanged; {DEFAULT_EVENT_TYPE} for a new hook"
"""What ``--event`` is without a value: of ``register`` and ``up``."""

HookArgument = Annotated[
    str, Argument("The hook, by its id or name", metavar="HOOK", completion=hooks_starting_with)
]
HookOption = Annotated[
    str | None,
    Flag(
        "Hook to check, by id or name",
        metavar="HOOK",
        shown_default="the one registered from this machine",
        completion=hooks_starting_with,
    ),
]
ToFileOption = Annotated[
    str | None,
    Flag("Write to this file, readable only by you", metavar="FILE", shown_default="stdout"),
]
HookdeckArguments = Annotated[
    list[str] | None,
    Argument(
        "Arguments for `hookdeck listen`, after `--`; for an API key, set HOOKDECK_API_KEY",
        metavar="HOOKDECK_ARGS",
    ),
]
SendSecretOption = Annotated[
    bool, Flag("Also send the hook's secret to apps on other machines", name="--send-secret")
]
SetOption = Annotated[
    list[str] | None,
    Flag(
        "Change a field, such as data.events[0].actor.displayName=Joe; [*] means every entry;"
        " repeat for more",
        metavar="FIELD=VALUE",
    ),
]
VerboseOption = Annotated[
    bool, Flag("Print the ids and the body of each delivery", name="--verbose", short="-v")
]
OpenOption = Annotated[bool, Flag("Open the inspector in your browser", name="--open")]
YesOption = Annotated[bool, Flag("Do not ask for confirmation", name="--yes", short="-y")]
ReceiverOption = Annotated[
    str | None,
    Flag(
        "Only what the receiver of this name received",
        name="--receiver",
        metavar="NAME",
        completion=receivers_starting_with,
    ),
]
IdArgument = Annotated[
    str,
    Argument(
        "The delivery: its number, its eventId, an event's uuid, or latest",
        metavar="ID",
        completion=ids_starting_with,
    ),
]


@dataclass(frozen=True)
class ForwardFlags:
    """The flags of forwarding that are no settings: of ``serve`` and ``up``."""

    skip_backlog: Annotated[
        bool, Flag("Forward only new deliveries, not those that wait from earlier runs")
    ] = False
    send_secret: SendSecretOption = False


@dataclass(frozen=True)
class HookFlags:
    """The flags that describe an event hook and are no settings: of ``register`` and ``up``."""

    header: Annotated[
        list[str] | None,
        Flag("Header that Okta sends with every call; repeat for more", metavar="'NAME: VALUE'"),
    ] = None
    filter_: Annotated[
        list[str] | None,
        Flag(
            "Deliver events of TYPE only if the Okta expression is true; repeat for more",
            metavar="'TYPE=EXPRESSION'",
        ),
    ] = None
    hook_id: Annotated[
        str | None,
        Flag("Existing hook to update, by id", metavar="ID", completion=hooks_starting_with),
    ] = None


@dataclass(frozen=True, slots=True)
class PageFlags:
    """The page of records that ``list`` or ``search`` shows."""

    limit: Annotated[
        int, Flag("Number of deliveries to show", short="-n", minimum=1, maximum=100_000)
    ] = 20
    before: Annotated[
        int | None, Flag("Show only deliveries before number N", metavar="N", minimum=1)
    ] = None


def _statuses_starting_with(beginning: str) -> list[str]:
    return [each for each in RecordStatus if each.startswith(beginning)]


@dataclass(frozen=True)
class FilterFlags:
    """The flags that filter records."""

    events: Annotated[
        list[str] | None,
        Flag(
            "Event types, or patterns like 'user.lifecycle.*'",
            name="--event",
            metavar="TYPE",
            completion=starting_with,
            takes_names=True,
        ),
    ] = None
    user: Annotated[str | None, Flag("Login or id of a user in the event", metavar="USER")] = None
    since: Annotated[
        str | None,
        Flag("Received after this: 2h, 7d, 2026-11-24, 2026-11-24T12:00", metavar="AGE|TIME"),
    ] = None
    until: Annotated[
        str | None, Flag("Received before this; a date includes its day", metavar="AGE|TIME")
    ] = None
    statuses: Annotated[
        list[str] | None,
        Flag(
            f"Statuses: {', '.join(RecordStatus)}",
            name="--status",
            metavar="STATUS",
            completion=_statuses_starting_with,
            takes_names=True,
        ),
    ] = None
    receiver: ReceiverOption = None


@dataclass(frozen=True)
class ListFilterFlags(FilterFlags):
    """The flags that filter records, with ``--all`` for canaries and verifications, too."""

    everything: Annotated[
        bool, Flag("Include canaries (test deliveries) and verifications", name="--all")
    ] = False


def quantity(flag: str, text: str, parse: Callable[[str], T]) -> T:
    """Return what ``parse`` reads in the value of a flag, or raise ``InvalidInput``."""
    from okhook.quantities import NotAQuantity

    try:
        return parse(text)
    except NotAQuantity as error:
        what = f"invalid {flag} value '{plain(text, limit=80)}'"
        raise InvalidInput(what, next_step=str(error)) from None


@contextmanager
def write_faults_named(file: str) -> Iterator[None]:
    """Raise ``InvalidInput``, which names the file of a flag, if the block cannot write it."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"could not write {file}", why=error.strerror or str(error)) from error


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
    near = get_close_matches(text, RecordStatus, n=1)
    *most, last = RecordStatus
    raise InvalidInput(
        f"invalid --status value '{plain(text, limit=80)}': expected {', '.join(most)} or {last}",
        next_step=f"did you mean {near[0]}?" if near else None,
    )


def check_texts(what: str, texts: Sequence[str]) -> None:
    """Check that the texts of the option ``what`` are UTF-8."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:  # bytes that are not UTF-8 arrive as half surrogates
            raise InvalidInput(f"{what} is not UTF-8") from None


def _moment(option: str, text: str | None, parse: Callable[[str], datetime]) -> datetime | None:
    return None if text is None else quantity(option, text, parse)

"""Which deliveries are replayed, and where to: from ids, a filter, or an exported file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from okhook.cli.context import Context
from okhook.cli.deliveries.shared import looking_back, records_named
from okhook.cli.record_options import FilterFlags, record_filter
from okhook.cli.replay.command import ReplayFlags
from okhook.cli.send_sample.payload import opened_file
from okhook.cli.urls import checked_urls
from okhook.config.setting import Setting
from okhook.errors import InvalidInput
from okhook.export.reading import read_export
from okhook.records.attempt import ForwardState
from okhook.records.record import Found, RecordKind
from okhook.records.status import RecordStatus
from okhook.replay.replayer import Replay
from okhook.runtime.ids import utc_now
from okhook.store.contract import Reader

_BODIED = (RecordKind.DELIVERY, RecordKind.MALFORMED, RecordKind.CANARY)


@contextmanager
def chosen(ctx: Context, flags: ReplayFlags) -> Iterator[Iterator[Replay]]:
    """Give what is to be sent, oldest first; read as it is sent, so that it can be any number.

    Raises:
        InvalidInput, ConfigurationError: no delivery is chosen, or in two ways; an id names what
            cannot be sent; or it is not clear where to send it.
        AnswerIsNo: there is no record of an id.
        StoreFailed: there is no store, or it cannot be read.
    """
    _check(flags)
    if flags.file is not None:
        if flags.to is None:
            raise InvalidInput("--file needs --to: an export says nothing of where to")
        [to] = checked_urls(Setting((flags.to,), "--to"))
        with opened_file(flags.file) as stream:
            yield (Replay(record, to, 1) for record in read_export(stream, flags.file))
        return
    with looking_back(ctx) as reader:
        destinations = _destinations(ctx, flags, reader)
        found = (
            [_named(reader, text) for text in flags.ids] if flags.ids else _wanted(reader, flags)
        )
        yield (
            Replay(each.record, target, _number(reader, each, target))
            for each in found
            for target in destinations(each)
        )


def _check(flags: ReplayFlags) -> None:
    ways = [bool(flags.ids), bool(flags.words()), flags.file is not None]
    if sum(ways) > 1:
        raise InvalidInput("ids, filters and --file exclude each other: say it in one way")
    if not any(ways):
        raise InvalidInput(
            "say which deliveries are to be sent again",
            next_step="name their ids, or a filter such as --status failed or --since 1h;"
            " `okhook deliveries list` shows what there is",
        )


def _named(reader: Reader, text: str) -> Found:
    """Return the delivery of an id; of one that came several times, the first."""
    found = records_named(reader, text)[0]
    record = found.record
    if record.kind not in _BODIED:
        raise InvalidInput(
            f"{text} cannot be sent again",
            why="it is no delivery"
            if record.kind is RecordKind.VERIFICATION
            else "it was refused, and its body was not kept",
        )
    return found


def _wanted(reader: Reader, flags: FilterFlags) -> Iterator[Found]:
    """Yield the deliveries that are wanted; repetitions only where they are asked for."""
    wanted = record_filter(flags, now=utc_now())
    for found in reader.in_order(wanted):
        repeats = found.record.is_duplicate
        if found.record.kind is RecordKind.DELIVERY and (
            not repeats or RecordStatus.DUPLICATE in wanted.statuses
        ):
            yield found


def _destinations(
    ctx: Context, flags: ReplayFlags, reader: Reader
) -> Callable[[Found], tuple[str, ...]]:
    """Return where each delivery goes: ``--to``; else where it failed; else the app that is known.

    Where it failed is meant where nothing but failed ones are wanted.
    """
    if flags.to is not None:
        fixed = checked_urls(Setting((flags.to,), "--to"))
    elif set(flags.statuses or ()) == {RecordStatus.FAILED}:
        return lambda found: tuple(
            forward.target for forward in found.forwards if forward.state is ForwardState.FAILED
        )
    else:
        fixed = _known(ctx, reader)
    return lambda _: fixed


def _known(ctx: Context, reader: Reader) -> tuple[str, ...]:
    if named := checked_urls(ctx.settings.forward_to):
        return named
    targets = tuple(target.url for target in reader.targets())
    if len(targets) == 1:
        return targets
    raise InvalidInput(
        "it is not clear where to send them",
        why="\n".join(targets) or "nothing was forwarded from here yet",
        next_step="say it with --to URL",
    )


def _number(reader: Reader, found: Found, target: str) -> int:
    """Return which attempt of a delivery at a target the next one is."""
    earlier = reader.attempts(found.record.seq)
    return 1 + sum(attempt.target == target for attempt in earlier)

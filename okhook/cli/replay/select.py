"""Select deliveries to replay, by ids, a filter or an export file, and their targets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace

from okhook.cli.context import Context
from okhook.cli.deliveries.reading import looking_back, receiver_called, records_named
from okhook.cli.record_options import FilterFlags, record_filter
from okhook.cli.replay.command import ReplayFlags
from okhook.cli.send_sample.payload import opened_file
from okhook.cli.targets import checked_targets
from okhook.config.setting import Setting
from okhook.errors import InvalidInput
from okhook.export.format import read_export
from okhook.records.attempt import ForwardState
from okhook.records.record import Found, RecordKind, RecordStatus
from okhook.replay.replayer import Replay
from okhook.replay.targets import WITH_BODY, meant_target, next_number
from okhook.runtime.ids import utc_now
from okhook.store.contract import Reader
from okhook.wire.url import without_credentials


@contextmanager
def chosen(ctx: Context, flags: ReplayFlags) -> Iterator[Iterator[Replay]]:
    """Yield the selected deliveries, oldest first. Each is read when it is sent."""
    _check(flags)
    if flags.file is not None:
        if flags.to is None:
            raise InvalidInput(
                "--file needs --to URL: an export does not say where to send deliveries"
            )
        [to] = checked_targets(ctx.settings, Setting((flags.to,), "--to"))
        with opened_file(flags.file) as stream:
            yield (Replay(record, to, 1) for record in read_export(stream, flags.file))
        return
    with looking_back(ctx) as reader:
        destinations = _destinations(ctx, flags, reader)
        found = (
            [_named(reader, text) for text in flags.ids]
            if flags.ids
            else _wanted(ctx, reader, flags)
        )
        yield (
            Replay(each.record, target, next_number(reader, each.record.seq, target))
            for each in found
            for target in destinations(each)
        )


def _check(flags: ReplayFlags) -> None:
    filters = any(getattr(flags, each.name) for each in fields(FilterFlags))
    ways = [bool(flags.ids), filters, flags.file is not None]
    if sum(ways) > 1:
        raise InvalidInput("ids, filters and --file cannot be used together")
    if not any(ways):
        raise InvalidInput(
            "no deliveries selected",
            next_step="pass ids, or a filter such as --status failed or --since 1h;"
            " list the deliveries with `okhook deliveries list`",
        )


def _named(reader: Reader, text: str) -> Found:
    """Return the delivery of an id; of duplicates, the first."""
    found = records_named(reader, text)[0]
    record = found.record
    if record.kind not in WITH_BODY:
        raise InvalidInput(
            f"cannot replay {text}",
            why="it is a verification challenge, not a delivery"
            if record.kind is RecordKind.VERIFICATION
            else "it was refused, so its body was not stored",
        )
    return found


def _wanted(ctx: Context, reader: Reader, flags: FilterFlags) -> Iterator[Found]:
    """Yield the deliveries that match; duplicates only with ``--status``."""
    wanted = record_filter(flags, now=utc_now())
    wanted = replace(wanted, receiver=receiver_called(ctx, reader, wanted.receiver))
    for found in reader.in_order(wanted):
        if found.record.kind is RecordKind.DELIVERY and (
            not found.record.is_duplicate or wanted.statuses
        ):
            yield found


def _destinations(
    ctx: Context, flags: ReplayFlags, reader: Reader
) -> Callable[[Found], tuple[str, ...]]:
    """Return the targets of a delivery: ``--to``, else where it failed, else the known app.

    Only ``--status failed`` alone selects the targets where it failed.
    """
    if flags.to is not None:
        to = meant_target(reader, flags.to, next_step="pass the whole URL with --to")
        fixed = checked_targets(ctx.settings, Setting((to,), "--to"))
    elif set(flags.statuses or ()) == {RecordStatus.FAILED.value}:
        return lambda found: tuple(
            forward.target for forward in found.forwards if forward.state is ForwardState.FAILED
        )
    else:
        fixed = _known(ctx, reader)
    return lambda _: fixed


def _known(ctx: Context, reader: Reader) -> tuple[str, ...]:
    if named := checked_targets(ctx.settings, ctx.settings.forward_to):
        return named
    targets = tuple(dict.fromkeys(target.url for target in reader.targets()))
    if len(targets) == 1:
        return targets
    raise InvalidInput(
        "the target is ambiguous" if targets else "the target is unknown",
        why="\n".join(map(without_credentials, targets)) or "nothing was forwarded yet",
        next_step="pass the target with --to URL",
    )

"""Run ``okhook replay``: choose deliveries by ids, a filter or an export file, and send them."""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import fields, replace
from functools import cache, partial
from urllib.parse import urlsplit

import anyio

from okhook.cli.context import Context
from okhook.cli.options import quantity
from okhook.cli.record_options import FilterFlags, record_filter
from okhook.cli.replay.command import ReplayFlags
from okhook.cli.replay.editor import chosen_editor, edited
from okhook.cli.replay.view import render_replay
from okhook.cli.send_sample.payload import assignments_of, changed, opened_file
from okhook.cli.store_reader import opened_reader, receiver_called, records_named
from okhook.cli.targets import checked_targets, login_for
from okhook.cli.views.attempts import not_accepted
from okhook.config.setting import Setting
from okhook.errors import AnswerIsNo, Interrupted, InvalidInput
from okhook.export.format import read_export
from okhook.forward.senders import Senders
from okhook.forward.sending import Destination, Send
from okhook.http.client import HttpClient
from okhook.quantities import parse_rate
from okhook.records.attempt import ForwardState
from okhook.records.record import Found, RecordKind, RecordStatus
from okhook.replay.replayer import Replay, Replayer, ReplayPlanned, ReplaysSummed
from okhook.replay.targets import WITH_BODY, meant_target, next_number
from okhook.runtime.ids import utc_now
from okhook.runtime.shutdown import run_until_signal
from okhook.store.contract import Reader
from okhook.store.open import open_store
from okhook.wire.target_url import is_stream
from okhook.wire.url import without_credentials


def replay_and_show(ctx: Context, flags: ReplayFlags) -> None:
    """Send the selected deliveries, and show each and the totals."""
    replayer = Replayer(
        report=lambda replayed: ctx.console.show(replayed, render_replay),
        interval_s=quantity("--rate", flags.rate, parse_rate) if flags.rate is not None else 0.0,
    )
    change = _change(ctx, flags)
    with _chosen(ctx, flags) as replays:
        to_send = map(change, replays)
        if flags.dry_run:
            ctx.console.show_all(map(ReplayPlanned, to_send), render_replay)
            return
        anyio.run(run_until_signal, lambda _: _send(ctx, flags, to_send, replayer))
    summary = replayer.summary()
    if ctx.console.is_json or summary.sent > 1:
        ctx.console.show(summary, render_replay)
    if not replayer.is_complete:
        raise Interrupted("interrupted before every delivery was sent")
    _refuse_failures(replayer, summary)


async def _send(
    ctx: Context, flags: ReplayFlags, replays: Iterator[Replay], replayer: Replayer
) -> None:
    auth = ctx.hook_auth()
    timeout_s = ctx.settings.forward_timeout.value
    known_login = cache(partial(login_for, ctx.settings))
    async with AsyncExitStack() as resources:
        note = None
        if flags.file is None:
            note = (await resources.enter_async_context(open_store(ctx.store))).note
        client = HttpClient(timeout_s=timeout_s)
        senders = await resources.enter_async_context(Senders(client, now=utc_now))

        def send_to(replay: Replay) -> Send:
            login = known_login(replay.target)
            to = Destination(replay.target, auth, flags.send_secret, timeout_s, login)
            return senders.send_to(to, replay.purpose)

        await replayer.replay_all(replays, send_to, note)


def _change(ctx: Context, flags: ReplayFlags) -> Callable[[Replay], Replay]:
    """Return the function that applies ``--set`` and the editor to a delivery."""
    assignments = assignments_of(flags.set_)
    if flags.edit and not ctx.console.asks and chosen_editor(ctx.environ) is None:
        raise InvalidInput("--edit needs a terminal", next_step="use --set FIELD=VALUE instead")

    def change(replay: Replay) -> Replay:
        body = replay.record.request.body
        if assignments:
            body = changed(ctx, body, assignments, f"delivery {replay.record.seq}").body
        if flags.edit:
            body = edited(body, ctx.environ, asks_again=ctx.console.asks)
        if body == replay.record.request.body:
            return replay
        request = replace(replay.record.request, body=body)
        return replace(replay, record=replace(replay.record, request=request), changed=True)

    return change


def _refuse_failures(replayer: Replayer, summary: ReplaysSummed) -> None:
    last = replayer.last
    if last is None:
        raise AnswerIsNo("no deliveries match")
    if summary.failed == 0:
        return
    if replayer.is_in_vain:
        start = f"start the app on {urlsplit(last.target).netloc}"
        raise AnswerIsNo(
            f"no response from {without_credentials(last.target)}",
            why=f"{last.fault}: {last.reason}",
            next_step=f"{'mend that' if is_stream(last.target) else start}, and try again",
        )
    seen = f"run `okhook deliveries show {last.seq}` to see the app's responses"
    raise not_accepted(summary, seen)


@contextmanager
def _chosen(ctx: Context, flags: ReplayFlags) -> Iterator[Iterator[Replay]]:
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
    with opened_reader(ctx) as reader:
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

"""Run ``okhook send-sample``."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from urllib.parse import urlsplit

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.send_sample.command import SampleFlags
from okhook.cli.send_sample.payload import NextSample
from okhook.cli.send_sample.recipient import how_to_reach
from okhook.cli.send_sample.view import payload_text, progress, render_sample
from okhook.cli.views.attempts import not_accepted
from okhook.errors import AnswerIsNo, Interrupted, StoreFailed
from okhook.http.client import HttpClient
from okhook.json_path import strict_json
from okhook.runtime.ids import new_uuid
from okhook.runtime.run_files import ReceiverRun, TunnelRun
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.send_sample.sender import (
    Recipient,
    SamplePlanned,
    SampleSent,
    SamplesSummed,
    Tally,
    sample_headers,
    send_samples,
)
from okhook.wire.delivery import delivery_in
from okhook.wire.hook_call import TIMEOUT_S
from okhook.wire.org import is_loopback
from okhook.wire.samples.sample import Sample

_SHOWN = 10
"""If more deliveries are sent, only the first that were not accepted are shown, up to this many."""


def send_and_show(
    ctx: Context, recipient: Recipient, next_sample: NextSample, flags: SampleFlags
) -> None:
    """Send the samples, and show deliveries and the totals."""
    console, tally = ctx.console, Tally()
    first = next_sample()
    samples = chain([first], (next_sample() for _ in range(flags.count - 1)))
    has_new_ids = flags.file is None and not flags.recent and not flags.set_
    repetition = None if has_new_ids else _repetition_of(ctx, recipient.url, first)
    copies = 2 if flags.duplicate else 1
    total = flags.count * copies
    kept: list[SampleSent] = []
    interrupted: Interrupted | None = None

    def report(sent: SampleSent, advance: Callable[[], None]) -> None:
        advance()
        sent = sent if repetition is None else repetition.marked(sent)
        if console.is_json:
            console.show(sent, render_sample)
        elif len(kept) < _SHOWN and (total <= _SHOWN or not sent.accepted):
            kept.append(sent)  # to show it after the progress bar

    async def send(_: Shutdown) -> bool:
        async with HttpClient(
            timeout_s=TIMEOUT_S,
            max_connections=flags.concurrency,
            unix_socket=recipient.control_socket,
        ) as client:
            with progress(console, total) as advance:
                await send_samples(
                    client,
                    recipient,
                    samples,
                    copies=copies,
                    concurrency=min(flags.concurrency, flags.count),
                    tally=tally,
                    report=partial(report, advance=advance),
                )
        return True

    try:
        run_until_done(send, interrupted="interrupted before every sample was sent")
    except Interrupted as error:
        interrupted = error
    summary = tally.summary()
    if summary.accepted and repetition is not None and repetition.seq is not None:
        console.note(
            f"the receiver had this delivery already, as {repetition.seq}:"
            " it is stored, and forwarded as a duplicate"
        )
    if tally.reached:
        console.show_all(kept, render_sample)
    if console.is_json or (total > 1 and tally.reached):
        console.show(summary, render_sample)
    if interrupted is not None:
        raise interrupted
    _refuse_failures(ctx, recipient, tally, summary)


def show_only(console: Console, recipient: Recipient, sample: Sample) -> None:
    """Show the request, with a masked secret, and send nothing."""
    headers = sample_headers(new_uuid())
    if recipient.auth is not None:
        headers.append((recipient.auth.field, "(secret)"))
    if console.is_json:
        body: object
        try:
            body = strict_json(sample.body)
        except ValueError:
            body = sample.body.decode("utf-8", "replace")
        planned = SamplePlanned(recipient.url, dict(headers), sample.event_id, body)
        console.write_json(planned.to_json())
        return
    console.note(f"POST {recipient.url}")
    for name, value in headers:
        console.note(f"{name}: {value}")
    console.out.print(payload_text(sample.body))


def _refuse_failures(
    ctx: Context, recipient: Recipient, tally: Tally, summary: SamplesSummed
) -> None:
    if summary.failed == 0:
        return
    if tally.is_unreachable and tally.last is not None:
        host = urlsplit(recipient.url).hostname or ""
        raise AnswerIsNo(
            f"could not connect to {recipient.url}",
            why=f"{tally.last.fault}: {tally.last.reason}",
            next_step="start the receiver with `okhook serve`, or pass its URL with --to"
            if is_loopback(host)
            else "check the URL of --to",
        )
    raise not_accepted(summary, _advice(ctx, recipient, summary.statuses))


def _advice(ctx: Context, recipient: Recipient, statuses: dict[str, int]) -> str | None:
    """Return the next step for the first status that has one."""
    if "401" in statuses:
        return how_to_reach(ctx, recipient) or (
            "set the hook's secret with OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH, or pass"
            " --auth-secret-file"
        )
    if "404" in statuses:
        return "check the path in --to"
    if any(status.startswith("3") for status in statuses):
        return "pass the URL that it redirects to: Okta does not follow redirects"
    if "timeout" in statuses:
        return f"respond first, and do the work afterwards: Okta waits only {TIMEOUT_S:g} s"
    return None


@dataclass(slots=True)
class _Repetition:
    """Marks samples that were received before, as ``seq`` if known, or sent before in this run."""

    event_id: str | None
    seq: int | None
    _was_sent: bool = False

    def marked(self, sent: SampleSent) -> SampleSent:
        """Return ``sent``, as a duplicate if it is one."""
        is_same = self.event_id is not None and sent.event_id == self.event_id
        if self.seq is not None or (is_same and self._was_sent):
            sent = replace(sent, duplicate=True, duplicate_of=self.seq)
        self._was_sent |= is_same and sent.accepted
        return sent


def _repetition_of(ctx: Context, url: str, sample: Sample) -> _Repetition:
    """Look up a sample in the store of the receiver at ``url``, if it stores here."""
    seq = None
    receiver = _receiver_at(ctx, url)
    if receiver is not None:
        from okhook.cli.store_reader import opened_reader

        try:
            with opened_reader(ctx) as reader:
                seq = reader.repeated_by(delivery_in(sample.body), receiver.receiver)
        except StoreFailed:
            seq = None
    return _Repetition(sample.event_id, seq)


def _receiver_at(ctx: Context, url: str) -> ReceiverRun | None:
    """Return the receiver with this store that has ``url``, or whose tunnel has it."""
    running, parts = ctx.run_directory.running, urlsplit(url)
    ports = {tunnel.port for tunnel in running(TunnelRun) if tunnel.webhook_url == url}
    if is_loopback(parts.hostname or ""):
        ports.add(parts.port or 80)
    return next(
        (each for each in running(ReceiverRun) if each.port in ports and each.stores_in(ctx.store)),
        None,
    )

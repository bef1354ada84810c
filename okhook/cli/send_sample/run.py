"""Send and show: what ``send-sample`` does, from the first delivery to the summary."""

import contextlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain
from typing import final
from urllib.parse import urlsplit

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.send_sample.payload import NextSample
from okhook.cli.send_sample.recipient import how_to_trigger
from okhook.cli.send_sample.view import payload_text, progress, render_sample
from okhook.errors import AnswerIsNo, Interrupted
from okhook.http.client import HttpClient
from okhook.runtime.ids import new_uuid
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.send_sample.sender import (
    Recipient,
    SamplePlanned,
    SampleSent,
    SamplesSummed,
    Tally,
    send_samples,
)
from okhook.wire.hook_call import TIMEOUT_S, delivery_headers
from okhook.wire.org import is_loopback
from okhook.wire.samples.sample import Sample

_SHOWN = 10
"""Of more deliveries than this, only those not accepted have a line, and of them this many."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often to send: ``count`` samples, ``copies`` times each, ``concurrency`` at a time."""

    count: int
    copies: int
    concurrency: int

    @property
    def total(self) -> int:
        """How many deliveries go out."""
        return self.count * self.copies


def send_and_show(ctx: Context, recipient: Recipient, next_sample: NextSample, plan: Plan) -> None:
    """Send as planned; show each delivery, or a bar and what was not accepted; sum up.

    Raises:
        InvalidInput: the payload cannot be made; nothing was sent then.
        AnswerIsNo: not every delivery was answered with 2xx.
        Interrupted: Ctrl-C came before all were sent; what was sent is summed up first.

    """
    samples = chain([next_sample()], (next_sample() for _ in range(plan.count - 1)))
    tally = Tally()
    lines = _Lines(ctx.console, plan.total)
    bar = _bar(ctx, plan.total)
    interrupted: Interrupted | None = None

    async def send(_: Shutdown) -> bool:
        async with HttpClient(timeout_s=TIMEOUT_S, max_connections=plan.concurrency) as client:
            with bar as advance:
                await send_samples(
                    client,
                    recipient,
                    samples,
                    copies=plan.copies,
                    concurrency=min(plan.concurrency, plan.count),
                    tally=tally,
                    report=lambda sent: lines.add(sent, advance),
                )
        return True

    try:
        run_until_done(send, interrupted="interrupted before every sample was sent")
    except Interrupted as error:
        interrupted = error
    summary = tally.summary()
    lines.show_kept(reached=tally.reached)
    if ctx.console.is_json or (plan.total > 1 and tally.reached):
        ctx.console.show(summary, render_sample)
    if interrupted is not None:
        raise interrupted
    _refuse_failures(ctx, recipient, tally, summary)


def show_only(console: Console, recipient: Recipient, sample: Sample) -> None:
    """Show the request that would be sent, its secret masked."""
    headers = delivery_headers(new_uuid(), None)
    if recipient.auth is not None:
        headers.append((recipient.auth.field, "(secret)"))
    if console.is_json:
        body = _as_json(sample.body)
        planned = SamplePlanned(recipient.url, dict(headers), sample.event_id, body)
        console.write_json(planned.to_json())
        return
    console.note(f"POST {recipient.url}")
    for name, value in headers:
        console.note(f"{name}: {value}")
    console.out.print(payload_text(sample.body))


@final
class _Lines:
    """Decides which deliveries have a line: each of a few, the first failures of many."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._kept: list[SampleSent] = []

    def add(self, sent: SampleSent, advance: Callable[[], None]) -> None:
        advance()
        if self._console.is_json:
            self._console.show(sent, render_sample)
        elif len(self._kept) < _SHOWN and (self._total <= _SHOWN or not sent.accepted):
            self._kept.append(sent)

    def show_kept(self, *, reached: bool) -> None:
        """Show the lines once no bar is in their way; none where the error says it all."""
        for sent in self._kept if reached else ():
            self._console.show(sent, render_sample)


def _bar(ctx: Context, total: int) -> AbstractContextManager[Callable[[], None]]:
    """Return a progress bar where there is a terminal that nothing else is written to."""
    console = ctx.console
    quiet = ctx.settings.quiet.value
    lines_in_between = console.is_json and console.out.is_terminal
    if total == 1 or quiet or not console.err.is_terminal or lines_in_between:
        return contextlib.nullcontext(lambda: None)
    return progress(console.err, total)


def _refuse_failures(
    ctx: Context, recipient: Recipient, tally: Tally, summary: SamplesSummed
) -> None:
    if summary.failed == 0:
        return
    if tally.reaches_nobody and tally.last is not None:
        host = urlsplit(recipient.url).hostname or ""
        raise AnswerIsNo(
            f"nobody could be reached at {recipient.url}",
            why=f"{tally.last.fault}: {tally.last.reason}",
            next_step="start the receiver with `okhook serve`, or say with --to where it is"
            if is_loopback(host)
            else "check the URL that --to names",
        )
    noun = "delivery was" if summary.sent == 1 else "deliveries were"
    raise AnswerIsNo(
        f"{summary.failed} of {summary.sent} {noun} not accepted",
        why="\n".join(f"{name}: {count}" for name, count in summary.statuses.items()),
        next_step=_advice(ctx, recipient, summary.statuses),
    )


def _advice(ctx: Context, recipient: Recipient, statuses: dict[str, int]) -> str | None:
    """Return what to do about the first fault that something can be done about."""
    if "401" in statuses:
        return how_to_trigger(ctx, recipient.url) or (
            "the receiver wants the hook's secret: set OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH,"
            " or use --auth-secret-file"
        )
    if "404" in statuses:
        return "check the path in --to"
    if any(status.startswith("3") for status in statuses):
        return "Okta follows no redirect: name the URL that it leads to"
    if "timeout" in statuses:
        return f"Okta waits {TIMEOUT_S:g} s: answer first, and work afterwards"
    return None


def _as_json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")

"""Send samples the way Okta sends deliveries, and measure the answers."""

import math
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

import anyio

from okhook.activity import Activity
from okhook.http.client import Headers, HttpClient
from okhook.http.errors import ConnectionFailed, NameNotFound, TlsFailed
from okhook.json_form import JsonForm, milliseconds, rounded
from okhook.records.record import SAMPLE_HEADER
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.wire.hook_call import HookCall, deliver, delivery_headers
from okhook.wire.samples.sample import Sample

_UNREACHABLE = (NameNotFound, ConnectionFailed, TlsFailed)

ANSWER_LIMIT_BYTES = 4096
"""How much of an answer's body is shown."""


class SampleSent(Activity):
    """A sample was sent, in all attempts within ``duration_s``.

    A ``duplicate`` had been sent or received before, as ``duplicate_of`` if that number is known.
    Without an answer ``fault`` says why in a word or two, ``reason`` in a sentence.
    """

    type = "sent"
    json_fields = "event_id status duration_s attempts duplicate duplicate_of reason body"
    event_id: str | None
    status: int | None
    duration_s: Annotated[float, milliseconds("duration_ms", 2)]
    attempts: int
    duplicate: bool
    fault: str | None
    reason: Annotated[str | None, JsonForm("error")]
    answer: bytes
    duplicate_of: Annotated[int | None, JsonForm(omitted_when_none=True)] = None

    @property
    def accepted(self) -> bool:
        """Whether the answer was 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def outcome(self) -> str:
        """The status, or the fault without one."""
        return str(self.status) if self.status is not None else self.fault or "no answer"

    @property
    def body(self) -> str | None:
        """The beginning of the answer's body as text; None if it is empty."""
        return self.answer.decode("utf-8", "replace") or None


class SamplePlanned(Activity):
    """A sample would be sent. ``headers`` has a mask instead of the hook's secret."""

    type = "dry-run"
    url: str
    headers: dict[str, str]
    event_id: str | None
    body: object


class SamplesSummed(Activity):
    """The totals of all samples. ``rate`` is in deliveries per second."""

    type = "summary"
    json_fields = "sent ok=accepted failed rate p50_s p99_s statuses"
    sent: int
    accepted: int
    rate: Annotated[float | None, rounded(1)]
    elapsed_s: float
    p50_s: Annotated[float | None, milliseconds("p50_ms", 2)]
    p99_s: Annotated[float | None, milliseconds("p99_ms", 2)]
    statuses: dict[str, int]

    @property
    def failed(self) -> int:
        """How many got no 2xx."""
        return self.sent - self.accepted


class Tally:
    """Counts deliveries. It grows by eight bytes for each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._durations_s = array("d")
        self._outcomes: Counter[str] = Counter()
        self._accepted = 0
        self.reached = False
        self.last: SampleSent | None = None

    def start(self) -> None:
        """Start the clock."""
        self._began = self._clock()

    @property
    def is_unreachable(self) -> bool:
        """Whether deliveries were sent, and none got a connection."""
        return self.last is not None and not self.reached

    def add(self, sent: SampleSent, *, reached: bool = True) -> None:
        """Count a delivery, and whether it ``reached`` the receiver."""
        self.reached |= reached
        self._durations_s.append(sent.duration_s)
        self._outcomes[sent.outcome] += 1
        self._accepted += sent.accepted
        self.last = sent

    def summary(self) -> SamplesSummed:
        """Return the totals so far."""
        elapsed_s = self._clock() - self._began
        in_order = sorted(self._durations_s)
        return SamplesSummed(
            sent=len(in_order),
            accepted=self._accepted,
            rate=len(in_order) / elapsed_s if in_order and elapsed_s > 0 else None,
            elapsed_s=elapsed_s,
            p50_s=nearest_rank(in_order, 0.50),
            p99_s=nearest_rank(in_order, 0.99),
            statuses=dict(sorted(self._outcomes.items())),
        )


@dataclass(frozen=True, slots=True)
class Recipient:
    """The receiver of samples, and the hook's secret. ``custom`` are more headers.

    A receiver that has the secret itself is reached through its ``control_socket``.
    """

    url: str
    auth: HookAuth | None
    control_socket: str | None = None
    custom: Headers = ()


async def send_samples(
    client: HttpClient,
    recipient: Recipient,
    samples: Iterable[Sample],
    *,
    copies: int,
    concurrency: int,
    tally: Tally,
    report: Callable[[SampleSent], None],
    new_request_id: Callable[[], str] = new_uuid,
) -> None:
    """Send each sample ``copies`` times; stop if the first ones get no connection."""
    waiting = iter(samples)
    tally.start()

    async def send_in_turn() -> None:
        for sample in waiting:
            for number in range(copies):
                if tally.is_unreachable:
                    return
                headers = sample_headers(new_request_id(), recipient.auth, recipient.custom)
                began = time.monotonic()
                call = await deliver(client, recipient.url, headers, sample.body)
                duration_s = time.monotonic() - began
                sent = _sent(sample, call, duration_s, recipient.auth, duplicate=number > 0)
                tally.add(sent, reached=not isinstance(call.last.error, _UNREACHABLE))
                report(sent)

    async with anyio.create_task_group() as tasks:
        for _ in range(concurrency):
            tasks.start_soon(send_in_turn)


def sample_headers(
    request_id: str, auth: HookAuth | None = None, custom: Headers = ()
) -> list[tuple[str, str]]:
    """Return the headers of a sample: those of a delivery, and the mark of a sample."""
    return delivery_headers(request_id, auth, ((SAMPLE_HEADER, "1"), *custom))


def nearest_rank(in_order: list[float], share: float) -> float | None:
    """Return the smallest value that ``share`` (0…1) of the values do not exceed."""
    if not in_order:
        return None
    return in_order[max(0, math.ceil(share * len(in_order)) - 1)]


def _sent(
    sample: Sample, call: HookCall, duration_s: float, auth: HookAuth | None, *, duplicate: bool
) -> SampleSent:
    last = call.last
    answer = b"" if last.answer is None else last.answer.body
    if auth is not None:  # the receiver may repeat the request
        answer = auth.hidden_in(answer)
    return SampleSent(
        event_id=sample.event_id,
        status=None if last.answer is None else last.answer.status,
        duration_s=duration_s,
        attempts=len(call.attempts),
        duplicate=duplicate,
        fault=None if last.error is None else last.error.fault,
        reason=None if last.error is None else last.error.reason,
        answer=answer[:ANSWER_LIMIT_BYTES],
    )

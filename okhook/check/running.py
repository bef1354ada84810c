"""Run cases against a receiver, one after the other, and yield their results in order.

::

    target = Target("http://localhost:3000/hook", Traffic(auth))
    async for result in run_cases(CASES, target):
        print(result.case.id, result.outcome)

``Target.client`` replaces the network: it calls a receiver that is an application object in this
process. Cases that need a socket are then skipped.
"""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import anyio

from okhook.check.case import Case, Complaint, Need
from okhook.check.judging import what_okta_does
from okhook.check.observing import CannotObserve, Observe, observed, wrong_counts
from okhook.check.plan import Await, Exchange, Plan
from okhook.check.repeating import repeating_command
from okhook.check.results import CaseResult, Outcome
from okhook.check.sending import ANSWER_LIMIT_BYTES, MOST_AT_ONCE, CannotRestart, Restarting, Sender
from okhook.check.traffic import Traffic
from okhook.http.client import AnswerLost, ConnectionFailed, HttpClient
from okhook.okta.answers import without_secrets
from okhook.wire.hook_call import Client
from okhook.wire.org import is_loopback

OBSERVE_WAIT_S = 5.0

COME_BACK_S = 5.0
"""How long a supervisor may take to start an app again that crashed."""

_LOOK_S = 0.1

_LACKING = {
    Need.SOCKET: "needs a socket",
    Need.REMOTE: "a receiver on this machine needs no HTTPS",
    Need.TLS: "the URL does not use HTTPS",
    Need.SECRET: "needs the secret: set OKHOOK_AUTH_SECRET",
    Need.BASIC: "the secret is not one of HTTP Basic",
    Need.CUSTOM_HEADER: "the secret is in the Authorization header",
    Need.RESTART: "needs --restart, a command that restarts the app",
    Need.CLASSIC: "the org runs Identity Engine",
    Need.IDENTITY: "the org runs Classic Engine",
}
_PROXIED = "needs a socket, and a proxy is in between"
_NO_OBSERVER = "needs --observe to count what your app does"


@dataclass(frozen=True, slots=True)
class Target:
    """The receiver that is checked.

    ``client`` sends instead of the network. ``observe`` counts what the app did with an event,
    for up to ``observe_wait_s``. ``engine`` is ``classic`` or ``identity``, None for both.
    ``proxied`` says that a proxy is in between, so that no socket leads to the receiver.
    """

    url: str
    traffic: Traffic = field(default_factory=Traffic)
    client: Client | None = None
    observe: Observe | None = None
    observe_wait_s: float = OBSERVE_WAIT_S
    restart: Restarting | None = None
    engine: str | None = None
    proxied: bool = False

    def lacks(self, case: Case) -> str | None:
        """Return why the case cannot run here; None if it can."""
        missing = [need for need in Need if need in case.needs and not self.has(need)]
        if not missing:
            return None
        return _PROXIED if missing[0] is Need.SOCKET and self.proxied else _LACKING[missing[0]]

    def has(self, need: Need) -> bool:
        """Return whether a case that needs it can run here."""
        auth = self.traffic.auth
        match need:
            case Need.SOCKET:
                return self.client is None and not self.proxied
            case Need.REMOTE:
                return self.client is None and not is_loopback(urlsplit(self.url).hostname or "")
            case Need.TLS:
                return self.client is None and self.url.startswith("https:")
            case Need.SECRET:
                return auth is not None
            case Need.BASIC:
                return auth is not None and auth.secret.reveal().startswith("Basic ")
            case Need.CUSTOM_HEADER:
                return auth is not None and auth.field.lower() != "authorization"
            case Need.OBSERVE:  # such a case runs without it, but does not pass
                return True
            case Need.RESTART:
                return self.restart is not None
            case Need.CLASSIC | Need.IDENTITY:
                return self.engine in (None, need.value)


async def run_cases(cases: Sequence[Case], target: Target) -> AsyncIterator[CaseResult]:
    """Run ``cases`` in their order, and yield a result for each.

    What the app did with the events is asked for at the end, or before a restart, so that the
    waits overlap; results still come in order.
    """
    async with HttpClient(
        max_connections=MOST_AT_ONCE,
        answer_limit_bytes=ANSWER_LIMIT_BYTES,
        idle_s=0,  # a server that closes idle connections must fail no case about something else
    ) as network:
        run = _Run(target, Sender(target.client or network, target.url, target.restart))
        for case in cases:
            if Need.RESTART in case.needs:
                await run.look_at_effects()
            await run.begin(case)
            for result in run.finished():
                yield result
        await run.look_at_effects()
        for result in run.finished():
            yield result


class _Run:
    """The state of a run: results in order, some of which wait for the effects to be seen."""

    def __init__(self, target: Target, sender: Sender) -> None:
        self._target = target
        self._sender = sender
        auth = target.traffic.auth
        self._secrets = () if auth is None else (auth.secret,)
        self._in_order: list[str] = []
        self._results: dict[str, CaseResult] = {}
        self._waiting: dict[str, tuple[CaseResult, Plan, Sequence[Exchange]]] = {}
        self._culprits: dict[str, str] = {}
        self._answered = False
        self._last_up: str | None = None

    def finished(self) -> Iterator[CaseResult]:
        """Yield the results that are final, as far as all before them are."""
        while self._in_order and self._in_order[0] not in self._waiting:
            yield self._results[self._in_order.pop(0)]

    async def begin(self, case: Case) -> None:
        """Send what a case sends, and judge the answers."""
        self._in_order.append(case.id)
        reason = self._target.lacks(case) or self._missing(case) or await self._down()
        passed = CaseResult(case, Outcome.PASSED, None, None, None, None, None, 0.0)
        if reason is not None:
            self._results[case.id] = replace(passed, outcome=Outcome.SKIPPED, reason=reason)
            return
        began = time.monotonic()
        plan = case.plan(self._target.traffic)
        complaint, exchanges = await self._sent(case, plan)
        await self._look_whether_down(case, exchanges)
        measured = case.measure(tuple(exchanges)) if case.measure and not complaint else None
        passed = replace(passed, reason=measured, duration_s=time.monotonic() - began)
        if complaint is not None:
            self._results[case.id] = self._failed(passed, complaint, exchanges)
        elif plan.counts and self._target.observe is not None:
            self._results[case.id] = passed
            self._waiting[case.id] = passed, plan, exchanges
        elif Need.OBSERVE in case.needs:
            self._results[case.id] = replace(
                passed, outcome=Outcome.NOT_OBSERVED, reason=_NO_OBSERVER
            )
        else:
            self._results[case.id] = passed

    async def look_at_effects(self) -> None:
        """Ask how often the events of all waiting cases were processed, and judge that."""
        wanted = {
            uuid: count
            for _, plan, _ in self._waiting.values()
            for uuid, count in plan.counts.items()
        }
        observe = self._target.observe
        if not wanted or observe is None:
            return
        wait_s = self._target.observe_wait_s
        counts, fault = {}, None
        try:
            counts = await observed(observe, wanted, wait_s)
        except CannotObserve as error:
            fault = str(error)
        for case_id, (passed, plan, exchanges) in self._waiting.items():
            reason = self._missing(passed.case)
            if reason is not None:
                self._results[case_id] = replace(passed, outcome=Outcome.SKIPPED, reason=reason)
            elif fault is not None:
                self._results[case_id] = replace(
                    passed,
                    outcome=Outcome.NOT_OBSERVED,
                    reason=without_secrets(fault, self._secrets),
                )
            elif (complaint := wrong_counts(counts, plan.counts, wait_s)) is not None:
                self._results[case_id] = self._failed(passed, complaint, exchanges)
        self._waiting.clear()

    def _missing(self, case: Case) -> str | None:
        """Return which failed case leaves this one nothing to say; None if there is none."""
        culprit = next((self._culprits[one] for one in case.after if one in self._culprits), None)
        if culprit is None:
            return None
        self._culprits[case.id] = culprit
        return f"{culprit} failed"

    async def _down(self) -> str | None:
        """Return which case the app has not answered since; None if it answers."""
        if self._last_up is None:
            return None
        if await self._sender.answers():
            self._last_up = None
            return None
        return f"the app does not answer any more, since {self._last_up}"

    async def _look_whether_down(self, case: Case, exchanges: Sequence[Exchange]) -> None:
        """After a call without an answer, give an app that crashed a moment to come back."""
        was_up, self._answered = (
            self._answered,
            self._answered or any(each.answer for each in exchanges),
        )
        is_lost = any(isinstance(each.error, AnswerLost | ConnectionFailed) for each in exchanges)
        if not is_lost or not was_up:
            return
        with anyio.move_on_after(COME_BACK_S):
            while not await self._sender.answers():  # noqa: ASYNC110 - nothing tells us
                await anyio.sleep(_LOOK_S)
            return
        self._last_up = case.id

    async def _sent(self, case: Case, plan: Plan) -> tuple[Complaint | None, list[Exchange]]:
        exchanges: list[Exchange] = []
        for step in plan.steps:
            if isinstance(step, Await):
                complaint = await self._awaited(step)
                if complaint is not None:
                    return complaint, exchanges
                continue
            try:
                sent = await self._sender.run(step)
            except CannotRestart as error:
                return _not_restarted(error), exchanges
            exchanges += (replace(each, secrets=self._secrets) for each in sent)
        return case.judge(tuple(exchanges)), exchanges

    async def _awaited(self, step: Await) -> Complaint | None:
        observe, wait_s = self._target.observe, self._target.observe_wait_s
        if observe is None:
            return None
        try:
            counts = await observed(observe, step.counts, wait_s)
        except CannotObserve:  # it is asked again at the end
            return None
        complaint = wrong_counts(counts, step.counts, wait_s)
        return complaint and replace(complaint, came=f"{step.when}: {complaint.came}")

    def _failed(
        self, result: CaseResult, complaint: Complaint, exchanges: Sequence[Exchange]
    ) -> CaseResult:
        case = result.case
        self._culprits[case.id] = case.id
        shown = complaint.exchange or (exchanges[-1] if exchanges else None)
        return replace(
            result,
            outcome=Outcome.FAILED,
            came=complaint.came,
            then=complaint.then or case.then or what_okta_does(shown),
            fix=complaint.fix or case.fix,
            curl=None if shown is None else repeating_command(shown.call, self._target.url),
            shown=shown,
        )


def _not_restarted(error: CannotRestart) -> Complaint:
    return Complaint(
        f"--restart failed: {error}",
        then="the case could not be run to its end",
        fix="correct the command of --restart, and run it by hand first",
    )

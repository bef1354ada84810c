"""Run cases against a receiver, one after the other, and yield their results in order.

::

    target = Target("http://localhost:3000/hook", Traffic(auth))
    async for result in CheckRun(CASES, target).results():
        print(result.case.id, result.outcome)

``Target.client`` replaces the network: it calls a receiver that is an application object in this
process. Cases that need a socket are then skipped.
"""

import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import replace

from okhook.check.case import Case, Level, Need
from okhook.check.judging import Complaint, advice, what_okta_does
from okhook.check.observing import CannotObserve, observed, wrong_counts
from okhook.check.plan import Await, Exchange, Plan, curl_of_call
from okhook.check.results import CaseResult, Outcome
from okhook.check.sending import (
    ANSWER_LIMIT_BYTES,
    MOST_AT_ONCE,
    CannotRestart,
    Sender,
    answers,
    answers_within,
)
from okhook.check.target import Target
from okhook.http.client import HttpClient
from okhook.http.errors import AnswerLost, ConnectionFailed
from okhook.okta.answers import without_secrets
from okhook.wire.url import without_credentials

COME_BACK_S = 5.0
"""How long a supervisor may take to start an app again that crashed."""

_ACCEPTED = "transport-accepted"
"""The case that shows whether URL and secret are right, if it is among those that are run."""

_NOT_LET_IN = (401, 403, 404, 405)

_LOOK = "look into the log of the app: it ended, or it hangs"
_STOPPED = "the run was stopped before okhook asked what the app did"
_NO_OBSERVER = "needs --observe to count what your app does"


class CheckRun:
    """A run of ``cases`` against ``target``.

    ``announce`` is told what is done next. What the app did with the events is asked for at the
    end, or before a restart, so that the waits overlap; with ``observes_each`` after each case.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        target: Target,
        *,
        announce: Callable[[str], None] = lambda _: None,
        observes_each: bool = False,
    ) -> None:
        self._cases = cases
        self._target = target
        self._announce = announce
        self._observes_each = observes_each
        self._network = HttpClient(
            max_connections=MOST_AT_ONCE,
            answer_limit_bytes=ANSWER_LIMIT_BYTES,
            idle_s=0,  # closing idle connections must fail no case about something else
        )
        self._http = target.client or self._network
        self._sender = Sender(self._http, target.url, target.restart)
        self._url = without_credentials(target.url)
        auth = target.traffic.auth
        self._secrets = () if auth is None else (auth.secret,)
        self._in_order: list[str] = []
        self._results: dict[str, CaseResult] = {}
        self._waiting: dict[str, tuple[CaseResult, Plan, Sequence[Exchange]]] = {}
        self._culprits: dict[str, str] = {}
        self._answered = False
        self._accepted = False
        self._last_up: str | None = None

    async def results(self) -> AsyncGenerator[CaseResult]:
        """Run the cases in their order, and yield a result for each."""
        async with self._network:
            for case in self._cases:
                if Need.RESTART in case.needs:
                    await self._look_at_effects()
                await self._begin(case)
                if self._observes_each:
                    await self._look_at_effects()
                for result in self._finished():
                    yield result
            await self._look_at_effects()
            for result in self._finished():
                yield result

    def unfinished(self) -> list[CaseResult]:
        """Return the results so far that :meth:`results` did not yield before it was stopped."""
        return [
            _unseen(self._results[each], _STOPPED) if each in self._waiting else self._results[each]
            for each in self._in_order
            if each in self._results
        ]

    @property
    def not_run(self) -> list[CaseResult]:
        """Results for the cases that have none, because the run was stopped."""
        return [
            CaseResult(case, Outcome.SKIPPED, "not run, because the run was stopped")
            for case in self._cases
            if case.id not in self._results
        ]

    def _finished(self) -> Iterator[CaseResult]:
        """Yield the results that are final, as far as all before them are."""
        while self._in_order and self._in_order[0] not in self._waiting:
            yield self._results[self._in_order.pop(0)]

    async def _begin(self, case: Case) -> None:
        """Send what a case sends, and judge the answers."""
        self._in_order.append(case.id)
        passed = CaseResult(case, Outcome.PASSED)
        reason = self._target.lacks(case) or self._missing(case)
        if reason is None and (reason := await self._down()) and self._is_unnoticed(case):
            self._results[case.id] = self._failed(passed, Complaint(reason, fix=_LOOK), ())
            return
        if reason is not None:
            self._results[case.id] = replace(passed, outcome=Outcome.SKIPPED, reason=reason)
            return
        self._announce(f"{case.id} ({len(self._results) + 1} of {len(self._cases)})")
        began = time.monotonic()
        plan = case.plan(self._target.traffic)
        complaint, exchanges = await self._sent(case, plan)
        self._accepted |= any(each.accepted for each in exchanges if each.call.method == "POST")
        await self._look_whether_down(case, exchanges)
        measured = case.measure(exchanges) if case.measure and not complaint else None
        passed = replace(passed, reason=measured, duration_s=time.monotonic() - began)
        self._results[case.id] = passed
        if complaint is not None:
            self._results[case.id] = self._failed(passed, complaint, exchanges)
        elif plan.counts and self._target.observe is not None:
            self._waiting[case.id] = passed, plan, exchanges
        elif Need.OBSERVE in case.needs:
            self._results[case.id] = _unseen(passed, _NO_OBSERVER)

    async def _look_at_effects(self) -> None:
        """Ask how often the events of all waiting cases were processed, and judge that."""
        waiting = self._waiting.values()
        wanted = {uuid: count for _, plan, _ in waiting for uuid, count in plan.counts.items()}
        observe = self._target.observe
        if not wanted or observe is None:
            return
        wait_s = self._target.observe_wait_s
        self._announce("asking what the app did with the events")
        has_duplicates = any(plan.has_duplicates for _, plan, _ in waiting)
        counts, fault = {}, None
        try:
            counts = await observed(observe, wanted, wait_s, has_duplicates=has_duplicates)
        except CannotObserve as error:
            fault = without_secrets(str(error), self._secrets)
        for case_id, (passed, plan, exchanges) in self._waiting.items():
            reason = self._missing(passed.case)
            if reason is not None:
                self._results[case_id] = replace(passed, outcome=Outcome.SKIPPED, reason=reason)
            elif fault is not None:
                self._results[case_id] = _unseen(passed, fault)
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

    def _is_unnoticed(self, case: Case) -> bool:
        """Return whether the end of the app has to fail this case, because no ``must`` failed."""
        failed = (each for each in self._results.values() if each.outcome is Outcome.FAILED)
        return case.level is Level.MUST and all(
            each.case.level is not Level.MUST for each in failed
        )

    async def _down(self) -> str | None:
        """Return which case the app has not answered since; None if it answers."""
        if self._last_up is None:
            return None
        if await answers(self._http, self._target.url):
            self._last_up = None
            return None
        return f"the app has not answered since {self._last_up}"

    async def _look_whether_down(self, case: Case, exchanges: Sequence[Exchange]) -> None:
        """After a call without an answer, give an app that crashed a moment to come back."""
        was_up = self._answered
        self._answered = was_up or any(each.answer for each in exchanges)
        is_lost = any(isinstance(each.error, AnswerLost | ConnectionFailed) for each in exchanges)
        if not is_lost or not was_up:
            return
        if not await answers_within(COME_BACK_S, self._http, self._target.url):
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
                reason = without_secrets(str(error), self._secrets)
                complaint = Complaint(reason, then="the case could not be finished", fix=error.fix)
                return complaint, exchanges
            exchanges += (replace(each, secrets=self._secrets) for each in sent)
        return case.judge(exchanges), exchanges

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

    def _is_not_let_in(self, case: Case, shown: Exchange) -> bool:
        """Return whether a failure says only that the path or the secret is wrong.

        ``--only`` may leave out the case that says so.
        """
        is_first = _ACCEPTED in case.after and _ACCEPTED not in self._results
        return is_first and not self._accepted and shown.status in _NOT_LET_IN

    def _failed(
        self, result: CaseResult, complaint: Complaint, exchanges: Sequence[Exchange]
    ) -> CaseResult:
        case = result.case
        self._culprits[case.id] = case.id
        shown = complaint.exchange or (exchanges[-1] if exchanges else None)
        if shown is not None and self._is_not_let_in(case, shown):
            self._culprits[_ACCEPTED] = case.id
            complaint = replace(complaint, fix=advice(shown))
        return replace(
            result,
            outcome=Outcome.FAILED,
            came=complaint.came,
            then=complaint.then or case.then or what_okta_does(shown),
            fix=complaint.fix or case.fix,
            curl=None if shown is None else curl_of_call(shown.call, self._url),
            shown=shown,
        )


def _unseen(passed: CaseResult, reason: str) -> CaseResult:
    return replace(passed, outcome=Outcome.NOT_OBSERVED, reason=reason)

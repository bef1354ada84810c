"""Check a receiver against the rules of Okta's event hooks, as ``okhook check`` does."""

import inspect
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypedDict, Unpack
from urllib.parse import urlsplit

from anyio.from_thread import start_blocking_portal

from okhook.check.case import Case, Need
from okhook.check.catalogue import CASES, selected
from okhook.check.observing import CannotObserve, Observe
from okhook.check.results import CaseResult, Outcome
from okhook.check.running import CheckRun
from okhook.check.sending import MOST_AT_ONCE
from okhook.check.target import Target as Subject
from okhook.check.traffic import Traffic
from okhook.errors import InvalidInput
from okhook.http.proxies import proxy_of
from okhook.testing.arguments import Target, event_type_fault, read_options, read_target
from okhook.testing.current_thread_executor import CurrentThreadExecutor, Observer
from okhook.testing.exchange import AppCalls, Exchange
from okhook.testing.lifespan import Lifespans
from okhook.testing.results import traceback_of
from okhook.testing.sending import clients
from okhook.wire.event_types import DEFAULT_EVENT_TYPE
from okhook.wire.hook_call import TIMEOUT_S
from okhook.wire.org import is_loopback

_LACKING = {
    Need.SECRET: "needs secret=…, the value that Okta sends: Okta recommends one",
    Need.SOCKET: "needs a URL: an application object has no connections",
    Need.RESTART: "needs a process that can be restarted: okhook check --restart",
}
_FRAMES = 4
"""How much of a traceback a failure shows: frameworks call through many functions."""

_NOT_OBSERVED = "needs observe=…, a function that returns how often the app processed an event"


class ContractOptions(TypedDict, total=False):
    """What is known of the receiver, and which cases are run.

    ``secret`` is the whole value of the header ``secret_header`` (``Authorization``), and
    ``event_types`` are those of the hook (``user.lifecycle.create``). ``observe`` takes the uuid of
    an event and returns how often the app processed it: without it nobody can tell whether a
    duplicate was processed twice. ``only`` and ``skip`` are ids of cases or groups. ``engine`` is
    that of the org, None for both. ``remote=True`` permits a URL on another machine.
    """

    secret: str | None
    secret_header: str
    event_types: Sequence[str]
    observe: Observer | None
    only: Sequence[str]
    skip: Sequence[str]
    engine: Literal["classic", "identity"] | None
    remote: bool


@dataclass(frozen=True, slots=True)
class ContractResult:
    """The result of a case.

    ``reason`` says in a line why it did not pass, and ``message`` all that is known about it: what
    was sent, what came, what Okta does then, and how to fix it.
    """

    id: str
    title: str
    level: Literal["must", "should", "note"]
    outcome: Literal["passed", "failed", "skipped", "not_observed"]
    reason: str
    message: str


def contract_cases() -> tuple[str, ...]:
    """Return the ids of all cases; ``okhook check --explain ID`` explains one."""
    return tuple(case.id for case in CASES)


def check_contract(
    target: object, path: str | None = None, **options: Unpack[ContractOptions]
) -> list[ContractResult]:
    """Check ``target``, a URL or an application object, and return a result for each case.

    It creates events about people who do not exist, marked ``okhook-check`` in ids and names.
    ``observe`` is called in this thread, where the test's database connection is. Raises
    ``TypeError`` or ``ValueError`` for an argument, and ``LifespanFailed``.
    """
    executor = CurrentThreadExecutor()
    observe = options.get("observe")
    if observe is not None:
        options["observe"] = executor.wrap(observe)
    with start_blocking_portal() as portal:
        done = portal.start_task_soon(partial(check_contract_async, target, path, **options))
        done.add_done_callback(executor.stop)
        executor.run()
        return done.result()


async def check_contract_async(
    target: object, path: str | None = None, **options: Unpack[ContractOptions]
) -> list[ContractResult]:
    """Check ``target`` as :func:`check_contract` does, in the event loop of the test."""
    try:
        return await _checked(read_target(target, path), options)
    except ExceptionGroup as errors:  # such as what ``observe`` raised
        error: Exception = errors
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        raise error from None


async def _checked(to: Target, options: ContractOptions) -> list[ContractResult]:
    cases, subject = selected_cases(options), _subject(to, options)
    if to.asgi is None and to.wsgi is None:
        return [_result(each, subject, ()) async for each in CheckRun(cases, subject).results()]
    lifespans = Lifespans()
    try:
        state = {} if to.asgi is None else await lifespans.state_of(to.asgi)
        async with clients(to, state, TIMEOUT_S, MOST_AT_ONCE) as new_client:
            client = new_client()
            subject = replace(subject, client=client)
            done = [each async for each in CheckRun(cases, subject).results()]
    finally:
        await lifespans.stop()
    exchanges = client.exchanges if isinstance(client, AppCalls) else []
    return [_result(each, subject, exchanges) for each in done]


def selected_cases(options: ContractOptions) -> list[Case]:
    """Return the cases that ``only`` and ``skip`` choose, or raise ``ValueError``."""
    try:
        return selected(options.get("only", ()), options.get("skip", ()))
    except InvalidInput as error:
        raise ValueError(f"{error.what.replace('--', '')}: {error.next_step}") from None


def _subject(to: Target, options: ContractOptions) -> Subject:
    parts = urlsplit(to.url)
    is_app = to.asgi is not None or to.wsgi is not None
    if not (is_app or is_loopback(parts.hostname or "") or options.get("remote")):
        raise ValueError(
            f"{parts.netloc} is another machine, and checks create events there about people who do"
            " not exist: pass remote=True if you want that"
        )
    types = tuple(options.get("event_types", (DEFAULT_EVENT_TYPE,)))
    if fault := next(filter(None, map(event_type_fault, types)), None):
        raise ValueError(fault)
    auth, _, _ = read_options(
        secret=options.get("secret"), secret_header=options.get("secret_header", "Authorization")
    )
    observe = options.get("observe")
    return Subject(
        to.url,
        Traffic(auth, types),
        observe=None if observe is None else _observing(observe),
        engine=options.get("engine"),
        proxied=not is_app and proxy_of(to.url, urllib.request.getproxies()) is not None,
    )


def _observing(observe: Observer) -> Observe:
    async def observed(uuid: str) -> int:
        count: object = observe(uuid)
        while inspect.isawaitable(count):
            count = await count
        if isinstance(count, bool) or not isinstance(count, int):
            raise CannotObserve(f"observe returned {count!r}: expected a number")
        return count

    return observed


def _result(result: CaseResult, subject: Subject, exchanges: Sequence[Exchange]) -> ContractResult:
    case = result.case
    return ContractResult(
        id=case.id,
        title=case.title,
        level=case.level.value,
        outcome=result.outcome.value,
        reason=_reason(result, subject),
        message=_message(result, subject, exchanges),
    )


def _reason(result: CaseResult, subject: Subject) -> str:
    if result.outcome is Outcome.FAILED:
        return f"{result.came}; to fix it, {result.fix}"
    if result.outcome is Outcome.NOT_OBSERVED and subject.observe is None:
        return _NOT_OBSERVED
    lacking = (_LACKING.get(need) for need in result.case.needs if need in subject.lacking())
    return next(lacking, None) or result.reason or ""


def _message(result: CaseResult, subject: Subject, exchanges: Sequence[Exchange]) -> str:
    case = result.case
    title = f"{case.id}: {case.title} ({case.level})"
    if result.outcome is not Outcome.FAILED:
        return f"{title}: {_reason(result, subject)}"
    lines = [
        title,
        f"  sent: {case.sends}",
        f"  expected: {case.expects}",
        f"  came: {result.came}",
        f"  Okta: {result.then}",
        f"  fix: {result.fix}",
        f"  rule: {case.rule} {case.source}",
    ]
    if subject.client is None and result.curl is not None:
        lines.append(f"  repeat: {result.curl}")
    if (raised := _raised(result, exchanges)) is not None:
        lines.append(traceback_of(raised, newest=_FRAMES))
    return "\n".join(lines)


def _raised(result: CaseResult, exchanges: Sequence[Exchange]) -> Exception | None:
    """Return what the app raised for the call that shows the failure; its headers are its own."""
    if result.shown is None:
        return None
    sent = result.shown.call.headers
    return next((each.exception for each in exchanges if tuple(each.headers) == sent), None)

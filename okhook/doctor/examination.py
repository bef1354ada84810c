"""Make all checks side by side, and tell of them in their order.

Whatever happens in one check is that check's finding: the others go on.
"""

import time
from collections.abc import Callable, Sequence
from typing import final

import anyio

from okhook.doctor.activities import Checked
from okhook.doctor.check import Check, Finding, Outcome, failed, fault_found, skipped
from okhook.errors import OkhookError

_MAY_BUILD_ON = (Outcome.OK, Outcome.WARNING)


async def examine(
    checks: Sequence[Check],
    *,
    publish: Callable[[Checked], None],
    hush: Callable[[str], str] = str,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Checked, ...]:
    """Make ``checks``, publish each as soon as it and all before it are done, and return them.

    A check may need those alone that stand before it, so that none waits for ever. ``hush`` blots
    secrets out of what is found: an org may repeat one.

    Raises:
        ValueError: one needs another that does not stand before it, or a name stands twice.

    """
    _reject_what_never_ends(checks)
    examination = _Examination(checks, hush, clock)
    async with anyio.create_task_group() as tasks:
        for check in checks:
            tasks.start_soon(examination.make, check)
        for check in checks:
            publish(await examination.result(check.name))
    return tuple(examination.results[check.name] for check in checks)


@final
class _Examination:
    """The checks under way; ``results`` are those that are done."""

    def __init__(
        self, checks: Sequence[Check], hush: Callable[[str], str], clock: Callable[[], float]
    ) -> None:
        self.results: dict[str, Checked] = {}
        self._done = {check.name: anyio.Event() for check in checks}
        self._hush = hush
        self._clock = clock

    async def result(self, name: str) -> Checked:
        """Wait for a check to be done."""
        await self._done[name].wait()
        return self.results[name]

    async def make(self, check: Check) -> None:
        """Make a check, once those that it needs are done."""
        needed = [await self.result(name) for name in check.needs]
        began = self._clock()
        finding = _what_stands_against(needed) or await _found(check)
        hushed = finding.told_by(self._hush)
        self.results[check.name] = Checked(check.name, hushed, self._clock() - began)
        self._done[check.name].set()


def _what_stands_against(needed: Sequence[Checked]) -> Finding | None:
    """Return why a check is left out; the reason of what was left out before it goes on."""
    for each in needed:
        if each.finding.outcome is Outcome.SKIPPED:
            return skipped(each.finding.detail)
        if each.finding.outcome not in _MAY_BUILD_ON:
            return skipped(f"{each.name} failed")
    return None


async def _found(check: Check) -> Finding:
    try:
        with anyio.fail_after(check.timeout_s) as limit:
            return await check.run()
    except TimeoutError as error:
        if not limit.cancelled_caught:
            return _stumbled(error)
        return failed(
            f"not done within {check.timeout_s:g} s", remedy="allow it more with --check-timeout"
        )
    except Exception as error:  # noqa: BLE001 - a bug in one check must not end the others
        return _stumbled(error)


def _stumbled(error: Exception) -> Finding:
    """Return what an error says: an outcome of ours, also in a task group's, or a bug of ours."""
    ours = _ours(error)
    if ours is not None:
        return fault_found(ours)
    return Finding(
        Outcome.FAILED,
        "okhook stumbled over a bug of its own in this check",
        "run `okhook --debug doctor` and report the traceback",
        (f"{type(error).__name__}: {error}",),
        error,
    )


def _ours(error: Exception) -> OkhookError | None:
    while isinstance(error, ExceptionGroup):
        ours, _ = error.split(OkhookError)
        if ours is None:
            return None
        error = ours.exceptions[0]
    return error if isinstance(error, OkhookError) else None


def _reject_what_never_ends(checks: Sequence[Check]) -> None:
    before: set[str] = set()
    for check in checks:
        if check.name in before or not before.issuperset(check.needs):
            raise ValueError(f"the check {check.name} is out of order")
        before.add(check.name)

"""Run all checks side by side, and report them in their order."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import anyio

from okhook.doctor.check import Check, Checked, Finding, Outcome, error_found, failed, skipped
from okhook.doctor.checks_hook import check_hook, check_orphans, check_url
from okhook.doctor.checks_hookdeck import check_hookdeck, check_login, check_tunnel
from okhook.doctor.checks_log import check_failures, check_limits
from okhook.doctor.checks_org import check_clock, check_credential, check_org
from okhook.doctor.checks_path import check_path
from okhook.doctor.checks_program import check_port, check_program, check_settings, check_store
from okhook.doctor.checks_secret import check_secret
from okhook.doctor.facts import Facts
from okhook.errors import OkhookError

F = TypeVar("F")


async def run_checks(
    checks: Sequence[Check[F]],
    facts: F,
    *,
    timeout_s: float,
    publish: Callable[[Checked], None],
    redact: Callable[[str], str] = str,
) -> tuple[Checked, ...]:
    """Run ``checks``, publish each as soon as it and all before it are done, and return them.

    The check that another one needs must stand before it. ``timeout_s`` bounds each check, without
    its wait for that other one. ``redact`` hides secrets: an org may repeat one in its answer.
    """
    results: dict[str, Checked] = {}
    done = {check.name: anyio.Event() for check in checks}

    async def run(check: Check[F]) -> None:
        finding = None
        if check.needs is not None:
            await done[check.needs].wait()
            finding = _why_left_out(results[check.needs])
        began = time.monotonic()
        finding = (finding or await _found(check, facts, timeout_s)).redacted(redact)
        results[check.name] = Checked(check.name, finding, time.monotonic() - began)
        done[check.name].set()

    async with anyio.create_task_group() as tasks:
        for check in checks:
            tasks.start_soon(run, check)
        for check in checks:
            await done[check.name].wait()
            publish(results[check.name])
    return tuple(results[check.name] for check in checks)


def _why_left_out(needed: Checked) -> Finding | None:
    """Return the finding that skips a check, or None. A skipped check passes its reason on."""
    match needed.finding.outcome:
        case Outcome.SKIPPED:
            return skipped(needed.finding.detail)
        case Outcome.FAILED:
            return skipped(f"{needed.name} failed")
        case _:
            return None


async def _found(check: Check[F], facts: F, timeout_s: float) -> Finding:
    try:
        with anyio.fail_after(timeout_s) as limit:
            return await check.run(facts)
    except TimeoutError as error:
        if not limit.cancelled_caught:
            return _bug(error)
        return failed(
            f"not done within {timeout_s:g} s", remedy="allow more time with --check-timeout"
        )
    except Exception as error:  # noqa: BLE001 - a bug in one check must not end the others
        ours = _okhook_error(error)
        return _bug(error) if ours is None else error_found(ours)


def _okhook_error(error: BaseException) -> OkhookError | None:
    """Return the error if it is okhook's own, or the one inside an exception group."""
    while isinstance(error, BaseExceptionGroup):
        ours, _ = error.split(OkhookError)
        if ours is None:
            return None
        error = ours.exceptions[0]
    return error if isinstance(error, OkhookError) else None


def _bug(error: Exception) -> Finding:
    return Finding(
        Outcome.FAILED,
        "this check failed because of a bug in okhook",
        "run `okhook --debug doctor` and report the traceback",
        (f"{type(error).__name__}: {error}",),
        error,
    )


CHECKS: tuple[Check[Facts], ...] = (
    Check("program", check_program),
    Check("settings", check_settings),
    Check("store", check_store),
    Check("port", check_port, needs="settings"),
    Check("hookdeck", check_hookdeck, needs="settings"),
    Check("login", check_login, needs="hookdeck"),
    Check("tunnel", check_tunnel, needs="settings"),
    Check("path", check_path, needs="settings"),
    Check("org", check_org, needs="settings"),
    Check("clock", check_clock, needs="org"),
    Check("credential", check_credential, needs="org"),
    Check("hook", check_hook, needs="credential"),
    Check("url", check_url, needs="credential"),
    Check("secret", check_secret, needs="credential"),
    Check("failures", check_failures, needs="credential"),
    Check("limits", check_limits, needs="credential"),
    Check("orphans", check_orphans, needs="credential"),
)

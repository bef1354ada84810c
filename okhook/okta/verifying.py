"""Verify a hook whose endpoint may still be starting, and explain why that fails.

Okta gives no cause for a failure, so after each one we send the same GET ourselves.
"""

from collections.abc import Awaitable, Callable

import anyio

from okhook.errors import NotVerified
from okhook.okta.activities import ProbeReport, Registered, VerifyingAgain
from okhook.okta.client import Publish
from okhook.okta.refusals import ValidationFailed
from okhook.okta.registration import Registration

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 5.0


async def verify_patiently(
    registration: Registration,
    registered: Registered,
    *,
    probe: Callable[[], Awaitable[ProbeReport]],
    wait_s: float,
    publish: Publish,
    tell: Callable[[Registered], None] = lambda _: None,
    clock: Callable[[], float] = anyio.current_time,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> Registered:
    """Ask the org to verify the hook, again and again for ``wait_s`` seconds.

    Raises NotVerified if it cannot; before, ``tell`` is called with the hook, and the report of
    ``probe`` is published.
    """
    deadline = clock() + wait_s
    pause_s = _FIRST_PAUSE_S
    attempt = 1
    while True:
        try:
            return await registration.verify(registered)
        except ValidationFailed as fault:
            refused = fault
        report = await probe()
        cause = report.cause or "the same request from this machine got the right response"
        remaining_s = deadline - clock()
        if remaining_s <= 0:
            tell(registered)
            publish(report)
            org_says = "; ".join(refused.envelope.causes) or refused.envelope.summary
            raise NotVerified(
                f"the org could not verify the event hook {registered.hook.name}"
                f" ({registered.hook.id}), and delivers nothing to it",
                why=f"{cause}\nthe org says: {org_says}",
                next_step=report.next_step,
            )
        publish(VerifyingAgain(attempt, cause, remaining_s))
        await sleep(min(pause_s, remaining_s))
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        attempt += 1

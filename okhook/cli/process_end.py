"""Run what goes on until Ctrl-C, and tell whether that came before the work was done."""

from collections.abc import Awaitable, Callable

import anyio

from okhook.errors import Interrupted
from okhook.runtime.shutdown import Shutdown, run_until_signal

Work = Callable[[Shutdown, anyio.Event], Awaitable[None]]
"""What is run; it sets the event once what was asked of it is there."""


def run_until_done(work: Work, *, interrupted: str) -> None:
    """Run ``work`` as ``run_until_signal`` does; once it is done, Ctrl-C is an ordinary end.

    Raises:
        Interrupted: Ctrl-C came first; ``interrupted`` says before what.
        Terminated: SIGTERM or SIGHUP ended it.

    """
    anyio.run(_run, work, interrupted)


async def _run(work: Work, interrupted: str) -> None:
    done = anyio.Event()
    await run_until_signal(lambda shutdown: work(shutdown, done))
    if not done.is_set():
        raise Interrupted(interrupted)

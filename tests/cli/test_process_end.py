"""Ctrl-C before the work was done is one outcome, and after it another."""

import os
import signal

import anyio
import pytest

from okhook.cli.process_end import run_until_done
from okhook.errors import Interrupted, Terminated
from okhook.runtime.shutdown import Shutdown


@pytest.mark.parametrize("is_done", [True, False])
def test_ctrl_c_is_an_ordinary_end_once_the_work_is_done(is_done: bool) -> None:
    """Before that it is Interrupted, with the words of the caller."""

    async def work(_: Shutdown, done: anyio.Event) -> None:
        if is_done:
            done.set()
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep_forever()

    if is_done:
        run_until_done(work, interrupted="before it was done")
        return
    with pytest.raises(Interrupted, match="before it was done"):
        run_until_done(work, interrupted="before it was done")


@pytest.mark.parametrize("is_done", [True, False])
def test_sigterm_is_one_outcome_whenever_it_comes(is_done: bool) -> None:
    """Whoever stops a service does not ask how far it was."""

    async def work(_: Shutdown, done: anyio.Event) -> None:
        if is_done:
            done.set()
        os.kill(os.getpid(), signal.SIGTERM)
        await anyio.sleep_forever()

    with pytest.raises(Terminated):
        run_until_done(work, interrupted="before it was done")

"""End the okhook commands that run here, as Ctrl-C would."""

import shlex
import signal
import time
from collections.abc import Iterator, Sequence

import psutil
from rich.text import Text

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.cli.status.run import NOTHING
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.runtime.run_files import DetachedRun
from okhook.runtime.running_here import Program, programs_here
from okhook.text import plain

_PATIENCE_S = 20.0
"""More than the end of a hook, a tunnel and a receiver may take together."""

_LOOK_EVERY_S = 0.05


class ProgramEnded(Activity):
    """An okhook command was ended."""

    type = "ended"
    name: str
    command: str
    pid: int


def end_and_show(ctx: Context, name: str | None, *, all_: bool) -> None:
    """End the program that is called ``name``, the only one, or all."""
    ctx.run_directory.forget_left_over(DetachedRun)
    running = [each for each in programs_here(ctx.run_directory) if each.is_running]
    if not running and name is None:
        ctx.console.note(NOTHING)
        return
    for program in running if all_ else [_chosen(running, name)]:
        _end(program.pid)
        ended = ProgramEnded(program.names[0], program.command, program.pid)
        ctx.console.show(ended, _ended)


def _ended(program: ProgramEnded) -> Iterator[Text]:
    yield Text(f"stopped {plain(program.name)} (okhook {program.command}, process {program.pid})")


def _chosen(running: Sequence[Program], name: str | None) -> Program:
    found = [each for each in running if name is None or name in each.names]
    if len(found) == 1:
        return found[0]
    listed = "\n".join(
        f"{plain(' or '.join(each.names))}  okhook {each.command}, process {each.pid}"
        for each in found or running
    )
    if found:
        one = shlex.join(("okhook", "down", found[0].names[-1]))
        raise InvalidInput(
            f"{len(found)} okhook commands are running{'' if name is None else ' under this name'}",
            why=listed,
            next_step=f"choose one, such as `{one}`, or stop all of them: okhook down --all",
        )
    raise AnswerIsNo(
        f"no okhook command called {plain(name or '', limit=80)} is running",
        why=listed or None,
        next_step="run `okhook status` to list the names",
    )


def _end(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGINT)
        give_up_at = time.monotonic() + _PATIENCE_S
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > give_up_at:
                raise AnswerIsNo(
                    f"process {pid} did not stop within {_PATIENCE_S:g} s",
                    next_step=f"force it to stop: kill -KILL {pid}",
                )
            time.sleep(_LOOK_EVERY_S)
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied as error:
        raise AnswerIsNo(f"could not stop process {pid}", why="another user owns it") from error

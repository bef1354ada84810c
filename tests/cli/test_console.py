"""What stands on a terminal while something moves at its foot."""

import contextlib
import os
import re
import select
from pathlib import Path

import pytest

from tests.cli.terminal import read_to_end, started
from tests.support.okhook_process import PATIENCE_S

BEGIN = """
from rich.progress import Progress
from okhook.cli.console import Console
from okhook.config.settings import Output
from okhook.errors import InvalidInput
console = Console(output=Output.TEXT, quiet={quiet})
bar = Progress(console=console.out, transient=True)
spinner = console.out.status('something is under way')
"""


def written(script: str, home: Path, *, quiet: bool = False) -> str:
    """Run a script on a terminal; return all that was written to it."""
    screen = {"TERM": "xterm", "COLUMNS": "80"}
    process, terminal = started(["-c", BEGIN.format(quiet=quiet) + script], home=home, env=screen)
    seen = read_to_end(terminal)
    assert process.wait(PATIENCE_S) == 0
    return seen


def lines(text: str) -> list[str]:
    """Return what stays of each line: what was written over is not there any more."""
    bare = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return [line.rstrip("\r").rpartition("\r")[2] for line in bare.split("\n")]


@pytest.mark.parametrize(
    ("display", "draw"),
    [
        ("bar", "bar.add_task('something'); bar.refresh()"),
        ("spinner", "spinner.update(spinner='line')"),
    ],
)
def test_what_is_said_has_lines_of_its_own(tmp_path: Path, display: str, draw: str) -> None:
    """A spinner or a bar that has been drawn makes way for a note, a warning and an error."""
    script = (
        f"with console.showing({display}):\n"
        f"    {draw}\n"
        "    console.note('a note')\n"
        f"    {draw}\n"
        "    console.warn('a warning')\n"
        f"    {draw}\n"
        "    console.error(InvalidInput('a mistake', why='a reason', next_step='a step'))\n"
    )
    seen = lines(written(script, tmp_path))
    for said in ("a note", "warning: a warning", "error: a mistake", "  a reason", "→ a step"):
        assert said in seen


ASKING = """
import builtins
class Display:
    def start(self): self.moves = True
    def stop(self): self.moves = False
display = Display()
def answered():
    print('it moves' if display.moves else 'it stands still')
    return 'y'
builtins.input = answered
with console.showing(display):
    assert console.confirm('shall I?')
    print('it is back' if display.moves else 'it is gone')
print('it stays' if display.moves else 'it ends')
"""


def test_a_question_stands_still(tmp_path: Path) -> None:
    """Nothing is drawn over it while somebody thinks; then the display comes back."""
    seen = lines(written(ASKING, tmp_path))
    assert seen == ["shall I? [y/N] it stands still", "it is back", "it ends", ""]


@pytest.mark.parametrize(
    "display", ["console.wait_for('something')\n", "with console.showing(bar): bar.refresh()\n"]
)
def test_quiet_shows_nothing_that_moves(tmp_path: Path, display: str) -> None:
    """Progress is left out, and a warning is not."""
    seen = written(display + "console.warn('mind the gap')\n", tmp_path, quiet=True)
    assert lines(seen) == ["warning: mind the gap", ""]


QUESTIONS = 20

_UNNOTICED_S = 2.0
"""A press in the moment before Python reads is noticed with the next one only."""

ASK = f"""
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from okhook.cli.stdout import watch_stderr
watch_stderr()
{BEGIN.format(quiet=False)}
for number in range({QUESTIONS}):
    try:
        console.confirm(f"question {{number}}?")
    except KeyboardInterrupt:
        console.note("interrupted")
"""


def test_ctrl_c_right_after_a_question_does_not_repeat_it(tmp_path: Path) -> None:
    """What an interrupt leaves in a buffer would be shown with whatever is written next."""
    screen = {"TERM": "xterm", "COLUMNS": "80"}
    process, ours = started(["-c", ASK], home=tmp_path, env=screen)
    seen, pressed = "", 0
    with contextlib.suppress(OSError):
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            comes = select.select([ours], [], [], _UNNOTICED_S)[0]
            if comes:
                seen += os.read(ours, 65536).decode()
            is_new = f"question {pressed}?" in seen
            if is_new or not comes:
                os.write(ours, b"\x03")
            pressed += is_new
    os.close(ours)
    assert process.wait(PATIENCE_S) == 0
    assert [seen.count(f"question {number}?") for number in range(QUESTIONS)] == [1] * QUESTIONS

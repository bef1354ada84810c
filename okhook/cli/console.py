"""Write results to stdout and messages to stderr, both without control characters."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from rich.console import Console as RichConsole
from rich.text import Text

from okhook.activity import A, Failed
from okhook.cli.remedies import text_with_flags
from okhook.cli.views.lines import View, warning_line
from okhook.cli.views.wrapping import wrapped
from okhook.config.setting import Layer
from okhook.config.settings import Output
from okhook.errors import OkhookError
from okhook.text import plain

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.status import Status


class OutputHeld(Exception):
    """The last output could not be written. Flushing it at exit would never end."""


class _Terminal(RichConsole):
    """A Rich console that raises ``BrokenPipeError`` instead of ending the process."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    def write(self, line: Text, end: str = "\n") -> None:
        """Write a line; on a terminal, in rows that end between words."""
        rows = wrapped(line, self.width) if self.is_terminal else [line]
        self.print(Text("\n").join(rows), end=end)

    def write_at_once(self, line: Text) -> None:
        """Write the beginning of a line to a terminal.

        Ctrl-C meanwhile leaves nothing in a buffer, which would be written a second time later.
        """
        with self.capture() as rendered:
            self.write(line, end="")
        self.file.flush()
        with suppress(OSError):
            os.write(self.file.fileno(), rendered.get().encode(self.encoding, "backslashreplace"))


class Console:
    """Shows activities as text or as JSON lines, and writes messages to stderr.

    In JSON mode, stdout has JSON lines only; text for people goes to stderr. Colours appear only
    on a terminal, and not with ``NO_COLOR``. The commands in text to paste get the ``flags`` of
    the running command.
    """

    def __init__(self, *, output: Output, quiet: bool, flags: Layer | None = None) -> None:
        self.is_json = output is Output.JSON
        self._flags = flags
        self.is_quiet = quiet
        self.out = _Terminal()
        self.err = _Terminal(stderr=True)
        self._display: Status | Progress | None = None
        self._noted: set[str] = set()

    is_log = False
    """Whether its lines are records for a log collector."""

    @property
    def asks(self) -> bool:
        """Whether it can ask a question: on a terminal, and not with ``--output json``."""
        return sys.stdin.isatty() and sys.stderr.isatty() and not self.is_json

    @property
    def is_live(self) -> bool:
        """Whether text goes to a terminal."""
        return self.out.is_terminal and not self.is_json

    @property
    def width(self) -> int | None:
        """The width of the terminal; None if text does not go to one."""
        return self.out.width if self.is_live else None

    def show(self, activity: A, view: View[A]) -> None:
        """Write an activity as a JSON line, or as the lines of text that ``view`` returns."""
        self.show_all([activity], view)

    def show_all(self, activities: Iterable[A], view: View[A]) -> None:
        """Write activities in order; to a file or a pipe in a single write."""
        if self.is_json:
            self._write_at_once(json_line(activity.to_json()) for activity in activities)
            return
        lines = (self._completed(line) for activity in activities for line in view(activity))
        if self.out.is_terminal:
            for line in lines:
                self.out.write(line)
        else:
            self._write_at_once(f"{line.plain}\n" for line in lines)

    def wait_for(self, text: str) -> None:
        """Show a spinner on a terminal until :meth:`stop_waiting`; not with ``--quiet``."""
        self._draw(self.out.status(Text(plain(text))))

    def stop_waiting(self) -> None:
        """Remove the spinner or the bar."""
        if self._display is not None:
            self._display.stop()
            self._display = None

    @contextmanager
    def showing(self, bar: "Status | Progress") -> Iterator[None]:
        """Show a bar on a terminal while the block runs; not with ``--quiet``."""
        self._draw(bar)
        try:
            yield
        finally:
            self.stop_waiting()

    def _draw(self, display: "Status | Progress") -> None:
        self.stop_waiting()
        if self.is_live and not self.is_quiet:
            self._display = display
            display.start()

    def write_json(self, line: dict[str, Any]) -> None:
        """Write one JSON line, in ASCII, so that it has no control characters."""
        self._write_at_once([json_line(line)])

    def write_plain(self, line: str) -> None:
        """Write a safe line for a program that reads the output; with JSON output to stderr."""
        with self._without_display():
            if self.is_json:
                sys.stderr.write(f"{line}\n")
                sys.stderr.flush()
            else:
                self._write_at_once([f"{line}\n"])

    def _write_at_once(self, lines: Iterable[str]) -> None:
        sys.stdout.write("".join(lines))
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Write a note to stderr; not with ``--quiet``."""
        if not self.is_quiet:
            self._say(self._completed(Text(plain(text), style="dim")))

    def note_once(self, text: str) -> None:
        """Write a note, unless this command has written it already."""
        if text not in self._noted:
            self._noted.add(text)
            self.note(text)

    def warn(self, text: str) -> None:
        """Write a warning to stderr."""
        self._say(self._completed(warning_line(text)))

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question. Without a terminal, the answer is no."""
        if not self.asks:
            return False
        with self._without_display():
            self.err.write_at_once(Text.assemble(plain(question), (" [y/N] ", "dim")))
            try:
                return input().strip().lower() in ("y", "yes")
            except (EOFError, UnicodeDecodeError):
                return False

    def error(self, error: OkhookError) -> None:
        """Print an error: what happened, why, and what to do next."""
        self._say(Text.assemble(("error: ", "bold red"), plain(error.what)))
        for line in (error.why or "").splitlines():
            self._say(Text(f"  {plain(line)}"))
        for number, line in enumerate((error.next_step or "").splitlines()):
            arrow = "→ " if number == 0 else "  "
            self._say(Text.assemble((arrow, "cyan"), plain(line)))
        if self.is_json:
            failed = Failed(int(error.exit_code), error.what, error.why, error.next_step)
            self.write_json(failed.to_json())

    def _completed(self, line: Text) -> Text:
        return line if self._flags is None else text_with_flags(line, self._flags)

    def _say(self, line: Text) -> None:
        with self._without_display():
            self.err.write(line)

    @contextmanager
    def _without_display(self) -> Iterator[None]:
        """Remove the spinner or the bar while something is written to stderr."""
        if self._display is None:
            yield
            return
        self._display.stop()
        try:
            yield
        finally:
            self._display.start()


def json_line(line: dict[str, Any]) -> str:
    """Return a line of JSON in ASCII."""
    return json.dumps(line, separators=(",", ":")) + "\n"

"""Write everything as a log: one JSON record per line on stdout, for log collectors."""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from okhook.activity import Activity
from okhook.cli.console import Console, json_line
from okhook.cli.views.lines import Renderer
from okhook.cli.views.log import Level, log_line, with_origins
from okhook.config.settings import Output
from okhook.errors import OkhookError
from okhook.json_form import timestamp
from okhook.runtime.ids import utc_now
from okhook.text import plain


class LogConsole(Console):
    """A console whose lines are records with ``time``, ``level``, ``event`` and ``message``.

    They are ASCII, so that they have no control characters. With ``events`` the record of a
    delivery has its events, which are personal data.
    """

    is_log = True

    def __init__(self, *, quiet: bool, events: bool) -> None:
        super().__init__(output=Output.JSON, quiet=quiet)
        self._events = events

    def show_all(self, activities: Iterable[Activity], render: Renderer) -> None:
        """Write activities in order, in a single write."""
        del render
        self._write_at_once(
            self._record(activity.type, *log_line(activity, events=self._events))
            for activity in activities
        )

    def note(self, text: str) -> None:
        """Write a note; not with ``--quiet``."""
        if not self._quiet:
            self.record("note", Level.INFO, text)

    def warn(self, text: str) -> None:
        """Write a warning."""
        self.record("warning", Level.WARNING, text)

    def error(self, error: OkhookError) -> None:
        """Write the error that ends the command."""
        fields = {
            "exit_code": int(error.exit_code),
            "why": None if error.why is None else plain(error.why),
            "next_step": None if error.next_step is None else plain(error.next_step),
        }
        self.record("error", Level.ERROR, error.what, fields)

    def record(
        self, event: str, level: Level, message: str, fields: Mapping[str, Any] | None = None
    ) -> None:
        """Write one record."""
        self._write_at_once([self._record(event, level, message, fields or {})])

    def _record(self, event: str, level: Level, message: str, fields: Mapping[str, Any]) -> str:
        head = {"time": timestamp(utc_now()), "level": level, "event": event}
        return json_line({**head, "message": with_origins(plain(message)), **fields})


@contextmanager
def all_logged(console: Console) -> Iterator[None]:
    """Write the error that ends the block, and what libraries log, to a console that is a log."""
    if not isinstance(console, LogConsole):
        yield
        return
    handler = _ToConsole(console)
    logging.getLogger().addHandler(handler)
    try:
        yield
    except Exception as error:  # noqa: BLE001 - each error becomes a record
        from okhook.cli.app import report

        sys.exit(report(error, console))
    finally:
        logging.getLogger().removeHandler(handler)


class _ToConsole(logging.Handler):
    """Passes on warnings of libraries. A traceback may hold anything: it stays out."""

    def __init__(self, console: LogConsole) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        fields = {"logger": plain(record.name), "error": type(error).__name__ if error else None}
        level = Level.ERROR if record.levelno >= logging.ERROR else Level.WARNING
        self._console.record("library", level, record.getMessage(), fields)

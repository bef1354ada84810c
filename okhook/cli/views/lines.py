"""Parts of all views: short texts, times, counts, labels and next steps."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from rich.text import Text

from okhook.activity import A, Activity, Stopping
from okhook.text import counted, plain
from okhook.wire.url import without_credentials

LIMIT = 200
"""How much of an untrusted text is shown by default, in characters."""

View = Callable[[A], Iterable[Text]]
"""Returns the lines of an activity of one type."""

Renderer = View[Activity]
"""Returns the lines of the activities that it knows, and none of others."""


def combined(*renderers: Renderer) -> Renderer:
    """Return a renderer with the lines of all ``renderers``."""
    return lambda activity: (line for renderer in renderers for line in renderer(activity))


def drawing(views: Mapping[type[Activity], Callable[[Any], Iterable[Text]]]) -> Renderer:
    """Return a renderer that knows the types of activity in ``views``. Others have no lines."""

    def render(activity: Activity) -> Iterable[Text]:
        view = views.get(type(activity))
        return () if view is None else view(activity)

    return render


def stopping_renderer(*, is_live: bool) -> Renderer:
    """Return what shows for what a stopping command still waits. Other activities have no lines."""

    def stopping(activity: Stopping) -> Iterator[Text]:
        awaited = [f"what is being sent to {shown_url(target)}" for target in activity.targets]
        if activity.requests:
            awaited.append(f"{counted(activity.requests, 'request')} to be answered")
        waits = f": waiting up to {activity.within_s:.0f} s for {' and '.join(awaited)}"
        how = "; Ctrl-C stops at once" if is_live else ""
        yield Text.assemble(("stopping", "bold"), waits, (how, "dim"))

    return drawing({Stopping: stopping})


def short(text: str | None, limit: int = LIMIT) -> str:
    """Return an untrusted text on one line, safe to show, and cut to ``limit``."""
    return plain(text or "", limit=limit)


def local_time(moment: datetime) -> str:
    """Return a date and a time in the local time zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def shown_url(url: str) -> str:
    """Return an untrusted URL, safe to show, without what may be a credential in its query."""
    return plain(without_credentials(url))


def clock(moment: datetime) -> str:
    """Return a time of day in the local time zone."""
    return f"{moment.astimezone():%H:%M:%S}"


def at(moment: datetime) -> tuple[str, str]:
    """Return the time of day at the start of a line."""
    return f"{clock(moment)}  ", "dim"


def result(*, ok: bool) -> str:
    """Return the style of a success or a failure."""
    return "green" if ok else "bold red"


def http_status(status: int) -> str:
    """Return a status with its phrase: ``404 Not Found``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def labelled(label: str, *content: str | Text | tuple[str, str], width: int) -> Text:
    """Return an indented line with a label of ``width`` before its content."""
    return Text.assemble((f"  {label:<{width}}", "dim"), *content)


def warning_line(text: str) -> Text:
    """Return the line of a warning."""
    return Text.assemble(("warning: ", "yellow"), plain(text))


@dataclass(frozen=True, slots=True)
class IndentedLines:
    """Indented lines under another line, wrapped to ``width`` unless it is None."""

    indent: str
    width: int | None

    def wrapped(self, text: str) -> list[str]:
        """Return a safe text in lines that fit next to the indent."""
        if self.width is None:
            return [text]
        room = max(20, self.width - len(self.indent) - 2)
        return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]

    def lines(self, text: str, style: str = "") -> Iterator[Text]:
        """Yield a safe text in indented lines."""
        for line in self.wrapped(text):
            yield Text(f"{self.indent}{line}", style=style)

    def next_steps(self, text: str | None, limit: int) -> Iterator[Text]:
        """Yield the next steps after an arrow. A line with a command or a URL is not wrapped."""
        arrow = "→ "
        for line in (text or "").splitlines():
            is_copied = line.startswith(("okhook ", "https://"))
            for each in [plain(line)] if is_copied else self.wrapped(short(line, limit)):
                yield Text.assemble((f"{self.indent}{arrow}", "cyan"), each)
                arrow = "  "

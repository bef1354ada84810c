"""How event types look: one per line, in columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.lines import first_of, short
from okhook.okta.activities import EventTypeListed

_LIMIT = 100
_HOOKS_NAMED = 3


def type_rows(listed: Sequence[EventTypeListed]) -> Callable[[Activity], Iterable[Text]]:
    """Return a renderer with columns that fit all of ``listed``."""
    width = max((cell_len(short(each.event_type, _LIMIT)) for each in listed), default=0)

    def row(activity: Activity) -> Iterator[Text]:
        if isinstance(activity, EventTypeListed):
            yield _row(activity, width)

    return row


def _row(listed: EventTypeListed, width: int) -> Text:
    line = Text.assemble(
        (
            set_cell_size(short(listed.event_type, _LIMIT), width),
            "dim" if listed.eligible is False else "bold",
        ),
        (f"  {'seen' if listed.seen else '    '}", "green"),
        ("  not for hooks" if listed.eligible is False else "", "dim"),
        ("  not in the catalogue" if listed.eligible is None else "", "yellow"),
    )
    if listed.subscribed:
        names = [short(hook.name, _LIMIT) for hook in listed.subscribed]
        line.append(f"  {first_of(names, _HOOKS_NAMED)}", style="cyan")
    line.rstrip()
    return line

"""How event types look: a line each, with what is known of them in columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from okhook.activity import Activity
from okhook.okta.activities import EventTypeListed
from okhook.okta.event_hooks import EventHook
from okhook.text import plain

_LIMIT = 100
_HOOKS_NAMED = 3
_SEEN = "seen"


def type_rows(listed: Sequence[EventTypeListed]) -> Callable[[Activity], Iterable[Text]]:
    """Return what shows ``listed``, in columns that fit all of them."""
    width = max((cell_len(plain(each.event_type, limit=_LIMIT)) for each in listed), default=0)

    def row(activity: Activity) -> Iterator[Text]:
        if isinstance(activity, EventTypeListed):
            yield _row(activity, width)

    return row


def _row(listed: EventTypeListed, width: int) -> Text:
    name = plain(listed.event_type, limit=_LIMIT)
    known = " " * (width - cell_len(name)), _SEEN if listed.seen else " " * len(_SEEN)
    line = Text.assemble(
        (name, "dim" if listed.eligible is False else "bold"),
        f"{known[0]}  ",
        (known[1], "green"),
        ("  no hook can have it" if listed.eligible is False else "", "dim"),
        ("  not in the catalogue" if listed.eligible is None else "", "yellow"),
    )
    if listed.subscribed:
        line.append_text(Text.assemble("  ", (_named(listed.subscribed), "cyan")))
    line.rstrip()
    return line


def _named(hooks: Sequence[EventHook]) -> str:
    names = ", ".join(plain(hook.name, limit=_LIMIT) for hook in hooks[:_HOOKS_NAMED])
    more = len(hooks) - _HOOKS_NAMED
    return f"{names} and {more} more" if more > 0 else names

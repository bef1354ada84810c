"""Draw an event and a body."""

import contextlib
import json
from collections.abc import Iterator

from rich.highlighter import JSONHighlighter
from rich.text import Text

from okhook.cli.views.lines import short
from okhook.text import plain, plain_lines
from okhook.wire.delivery import Event, Party

_NAME_LIMIT = 80


def event_text(event: Event) -> Text:
    """Return an event on one line: type, outcome, actor and targets."""
    outcome = event.outcome or "-"
    style = "green" if outcome in ("SUCCESS", "ALLOW") else "yellow"
    line = Text.assemble(
        (plain(event.event_type), "bold cyan"), "  ", (plain(outcome), style), "  "
    )
    if event.actor is not None:
        line.append_text(party_text(event.actor, with_id=False))
    if event.targets:
        line.append("→ " if event.actor is None else " → ", style="dim")
    targets = (party_text(target, with_id=True) for target in event.targets)
    return line.append_text(Text(", ").join(targets))


def party_text(party: Party, *, with_id: bool) -> Text:
    """Return the name and login of an actor or target, and its id if wanted."""
    name = party.display_name or party.alternate_id or party.id or "?"
    details = [party.alternate_id, party.id] if with_id else [party.alternate_id]
    known = [
        short(detail, _NAME_LIMIT)
        for detail in details
        if detail and detail not in ("unknown", party.display_name)
    ]
    named = short(name, _NAME_LIMIT)
    return Text(f"{named} ({', '.join(known)})" if known else named)


def body_lines(body: bytes) -> Iterator[Text]:
    """Yield a body, coloured and indented if it is JSON."""
    text = body.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    highlighter = JSONHighlighter()
    for line in plain_lines(text):
        shown = Text(line)
        highlighter.highlight(shown)
        yield shown

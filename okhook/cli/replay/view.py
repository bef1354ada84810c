"""How a replay looks: what was sent, what came back, and what it all came to."""

from collections.abc import Iterable

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.forward import attempt_outcome
from okhook.replay.replayer import Replayed, ReplayPlanned, ReplaysSummed
from okhook.text import plain
from okhook.wire.delivery import parse_delivery
from okhook.wire.payload import NotADelivery


def render_replay(activity: Activity) -> Iterable[Text]:
    """Return the lines of an activity of ``replay``; none for those of others."""
    match activity:
        case Replayed(attempt, changed):
            line = Text.assemble(
                attempt_outcome(attempt), (f"  #{attempt.seq}  {plain(attempt.target)}", "dim")
            )
            if changed:
                line.append("  changed", style="yellow")
            if attempt.status is None:
                line.append(f"  {plain(attempt.reason or '', limit=200)}")
            yield line
        case ReplaysSummed():
            yield Text(_summary(activity), style="bold")


def render_planned(activity: Activity) -> Iterable[Text]:
    """Return the line of a delivery that would be sent."""
    if not isinstance(activity, ReplayPlanned):
        return
    try:
        events = parse_delivery(activity.record.request.body).events
        what = ", ".join(dict.fromkeys(event.event_type for event in events))
    except NotADelivery:
        what = "(no delivery)"
    mark = "  changed" if activity.changed else ""
    yield Text(f"#{activity.record.seq}  {plain(what, limit=200)} → {plain(activity.target)}{mark}")


def _summary(summed: ReplaysSummed) -> str:
    statuses = ", ".join(f"{name}: {count}" for name, count in summed.statuses.items())
    return f"{summed.sent} sent in {summed.elapsed_s:.2f} s  {statuses}"

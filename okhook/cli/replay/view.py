"""How ``okhook replay`` looks: each attempt, the totals, and what a dry run would send."""

from collections.abc import Iterable

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.attempts import attempt_outcome, status_counts
from okhook.cli.views.lines import short, shown_url
from okhook.replay.replayer import Replayed, ReplayPlanned, ReplaysSummed


def render_replay(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``. Other activities have none."""
    match activity:
        case Replayed(attempt, changed):
            line = Text.assemble(
                attempt_outcome(attempt),
                (f"  #{attempt.seq}  {shown_url(attempt.target)}", "dim"),
            )
            line.append("  changed" if changed else "", style="yellow")
            if attempt.status is None:
                line.append(f"  {short(attempt.reason)}")
            yield line
        case ReplaysSummed(sent, _, elapsed_s, statuses):
            counts = ", ".join(status_counts(statuses))
            yield Text(f"{sent} sent in {elapsed_s:.2f} s  {counts}", style="bold")
        case ReplayPlanned(replay):
            events = replay.record.delivery.events
            types = dict.fromkeys(event.event_type for event in events)
            what = short(", ".join(types) or "(not a delivery)")
            mark = "  changed" if replay.changed else ""
            yield Text(f"#{replay.record.seq}  {what} → {shown_url(replay.target)}{mark}")

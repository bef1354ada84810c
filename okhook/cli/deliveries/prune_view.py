"""How pruning looks."""

from collections.abc import Iterable

from rich.text import Text

from okhook.activity import Activity
from okhook.store.activities import Pruned


def render_prune(activity: Activity) -> Iterable[Text]:
    """Return the lines of a prune; none of other activities."""
    if not isinstance(activity, Pruned):
        return
    size = f"{activity.size_bytes / 1e6:.1f} MB"
    if activity.count == 0:
        yield Text("nothing to remove")
    elif activity.removed == 0:
        yield Text(f"{_records(activity.count)} would go ({size})")
    else:
        yield Text(f"{_records(activity.removed)} removed ({size})", style="green")
    if activity.held:
        yield Text.assemble(
            (f"{_records(activity.held)} as old stayed: ", "yellow"),
            "an app has not taken what it holds; --unforwarded removes that too",
        )


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"

"""Draw what a command that is stopping still waits for."""

from collections.abc import Iterable

from rich.text import Text

from okhook.activity import Activity, Stopping
from okhook.cli.console import Console
from okhook.cli.views.lines import Renderer, shown_url
from okhook.text import counted


def stopping_renderer(console: Console) -> Renderer:
    """Return what turns ``Stopping`` into a line. Other activities have none."""
    how = "; Ctrl-C stops at once" if console.is_live else ""

    def render(activity: Activity) -> Iterable[Text]:
        if isinstance(activity, Stopping):
            awaited = [f"what is being sent to {shown_url(target)}" for target in activity.targets]
            if activity.requests:
                awaited.append(f"{counted(activity.requests, 'request')} to be answered")
            waits = f": waiting up to {activity.within_s:.0f} s for {' and '.join(awaited)}"
            yield Text.assemble(("stopping", "bold"), waits, (how, "dim"))

    return render

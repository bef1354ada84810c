"""How registration looks: the hook as it is now, and why it could not be verified."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.hook import changed_parts, hook_heading, hook_status
from okhook.cli.views.lines import first_of, labelled, short
from okhook.okta.activities import CallRetried, Probed, RateLimited, Registered, VerifyingAgain
from okhook.okta.probe import ProbeReport
from okhook.text import plain

_EVENTS_SHOWN = 6
_LABEL_WIDTH = 8
_MARKS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("·", "dim")}


def render_registration(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``. Those of other rooms have none."""
    match activity:
        case Registered():
            yield from _registered(activity)
        case Probed(report):
            yield from _probed(report)
        case RateLimited(org, remaining_s, asked_s):
            long = "" if asked_s is None else f", although the org asks for {asked_s:.0f} s"
            again = f": {plain(org)} takes no calls; again in {remaining_s:.0f} s{long}"
            yield Text.assemble(("rate limit reached", "yellow"), again)
        case CallRetried(call, reason):
            yield Text(f"{short(call)}: {short(reason)}; again in a moment", style="dim")
        case VerifyingAgain(_, cause, remaining_s):
            yield Text.assemble(
                ("not verified yet", "yellow"),
                f": {short(cause)}",
                (f"; trying for another {remaining_s:.0f} s", "dim"),
            )


def _registered(activity: Registered) -> Iterator[Text]:
    hook = activity.hook
    events = [short(event_type, 100) for event_type in sorted(hook.events)]
    yield hook_heading(f"{activity.action}{changed_parts(activity.changed)}  ", hook, activity.org)
    yield labelled("URL", short(hook.url), width=_LABEL_WIDTH)
    yield labelled("events", first_of(events, _EVENTS_SHOWN), width=_LABEL_WIDTH)
    yield labelled("status", hook_status(hook), width=_LABEL_WIDTH)


def _probed(report: ProbeReport) -> Iterator[Text]:
    yield Text.assemble("the same request, made from here to ", short(report.url))
    for step in report.steps:
        mark, style = _MARKS[step.ok]
        detail = f"  {short(step.detail)}" if step.detail else ""
        yield Text.assemble((f"  {mark} ", style), f"{step.name:<12}", (detail, "dim"))
    if report.answered_by:
        yield Text.assemble(("  answered by ", "dim"), short(report.answered_by))

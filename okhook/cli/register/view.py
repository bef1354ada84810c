"""How registration looks: the hook as it is now, and why it could not be verified."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from okhook.activity import Activity
from okhook.okta.activities import CallRetried, Probed, RateLimited, Registered, VerifyingAgain
from okhook.okta.event_hooks import EventHook
from okhook.okta.probe import ProbeReport
from okhook.okta.probe_checks import ProbeStep
from okhook.text import plain

_EVENTS_SHOWN = 6
_LIMIT = 200


def render_registration(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``; none for those of other rooms."""
    match activity:
        case Registered():
            yield from _registered(activity)
        case Probed():
            yield from _probed(activity.report)
        case RateLimited():
            yield _rate_limited(activity)
        case CallRetried():
            reason = plain(activity.reason, limit=_LIMIT)
            again = f"{plain(activity.call, limit=_LIMIT)}: {reason}; again in a moment"
            yield Text(again, style="dim")
        case VerifyingAgain():
            yield Text.assemble(
                ("not verified yet", "yellow"),
                f": {plain(activity.cause, limit=_LIMIT)}",
                (f"; trying for another {activity.remaining_s:.0f} s", "dim"),
            )


def _registered(activity: Registered) -> Iterator[Text]:
    hook = activity.hook
    changed = f" ({', '.join(activity.changed)})" if activity.changed else ""
    yield Text.assemble(
        (f"{activity.action}{changed}", "bold green"),
        f"  {plain(hook.name, limit=_LIMIT)}  ",
        (plain(hook.id), "bold"),
        (f"  in {activity.org}", "dim"),
    )
    yield Text.assemble(("  URL     ", "dim"), plain(hook.url, limit=_LIMIT))
    yield Text.assemble(("  events  ", "dim"), _events(hook))
    yield Text.assemble(("  status  ", "dim"), status_of(hook))


def _events(hook: EventHook) -> str:
    events = sorted(hook.events)
    shown = ", ".join(plain(event_type, limit=100) for event_type in events[:_EVENTS_SHOWN])
    more = len(events) - _EVENTS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def status_of(hook: EventHook) -> Text:
    """Return both kinds of status, red where the org delivers nothing to the hook."""
    both = f"{plain(hook.status, limit=20)}, {plain(hook.verification_status, limit=20)}"
    if hook.is_active and hook.is_verified:
        return Text(both, style="green")
    missing = "not verified" if hook.is_active else "not active"
    return Text.assemble((both, "bold red"), f": {missing}, so the org delivers nothing to it")


def _probed(report: ProbeReport) -> Iterator[Text]:
    yield Text.assemble("the same request, made from here to ", plain(report.url, limit=_LIMIT))
    for step in report.steps:
        yield _step(step)
    if report.answered_by:
        yield Text.assemble(("  answered by ", "dim"), plain(report.answered_by, limit=_LIMIT))


def _step(step: ProbeStep) -> Text:
    mark, style = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("·", "dim")}[step.ok]
    detail = f"  {plain(step.detail, limit=_LIMIT)}" if step.detail else ""
    return Text.assemble((f"  {mark} ", style), f"{step.name:<12}", (detail, "dim"))


def _rate_limited(activity: RateLimited) -> Text:
    asked = activity.asked_s
    long = f", although the org asks for {asked:.0f} s" if asked is not None else ""
    return Text.assemble(
        ("rate limit reached", "yellow"),
        f": {plain(activity.org)} takes no calls; again in {activity.remaining_s:.0f} s{long}",
    )

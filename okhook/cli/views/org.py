"""Draw an event hook after a change, and the calls to the org."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.lines import labelled, short
from okhook.okta.activities import HookChanged, ProbeReport, Registered, VerifyingAgain
from okhook.okta.event_hooks import EventHook
from okhook.okta.retry import CallRetried, RateLimited
from okhook.text import first_of, plain
from okhook.wire.url import without_credentials

_EVENTS_SHOWN = 6
_MARKS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("·", "dim")}


def render_org(activity: Activity) -> Iterable[Text]:
    """Return the lines of an org's activities. Other activities have none."""
    match activity:
        case Registered(_, action, hook, changed):
            events = [short(event_type, 100) for event_type in sorted(hook.events)]
            yield hook_heading(hook, activity.org, action, changed)
            yield labelled("URL", short(hook.shown_url), width=8)
            yield labelled("events", first_of(events, _EVENTS_SHOWN), width=8)
            yield labelled("status", hook_status(hook), width=8)
        case HookChanged(org, action, hook, changed):
            yield hook_heading(hook, org, action.replace("_", " "), changed)
            if action != "deleted":
                yield labelled("status", hook_status(hook), width=13)
        case ProbeReport():
            yield from _probed(activity)
        case RateLimited(org, remaining_s, asked_s):
            asked = "" if asked_s is None else f", although the org asks for {asked_s:.0f} s"
            again = f" in {plain(org)}; retrying in {remaining_s:.0f} s{asked}"
            yield Text.assemble(("rate limit reached", "yellow"), again)
        case CallRetried(call, reason, wait_s):
            after = f" in {wait_s:.0f} s" if wait_s >= 5 else ""
            yield Text(f"{short(call)}: {short(reason)}; retrying{after}", style="dim")
        case VerifyingAgain(_, cause, remaining_s):
            yield Text.assemble(
                ("not verified yet", "yellow"),
                f": {short(cause)}",
                (f"; retrying for {remaining_s:.0f} s", "dim"),
            )


def hook_heading(hook: EventHook, org: str, done: str = "", changed: tuple[str, ...] = ()) -> Text:
    """Return the line with a hook's name, and what was ``done`` to which parts of it."""
    parts = f" ({', '.join(changed)})" if changed else ""
    return Text.assemble(
        (f"{done}{parts}  " if done else "", "bold green"),
        f"{short(hook.name)}  ",
        (plain(hook.id), "bold"),
        (f"  in {plain(org)}", "dim"),
    )


def hook_status(hook: EventHook) -> Text:
    """Return the status and the verification status; red unless the org sends deliveries."""
    both = f"{short(hook.status, 20)}, {short(hook.verification_status, 20)}"
    if hook.is_active and hook.is_verified:
        return Text(both, style="green")
    missing = "not verified" if hook.is_active else "not active"
    return Text.assemble((both, "bold red"), f": {missing}, so the org sends it no deliveries")


def _probed(report: ProbeReport) -> Iterator[Text]:
    yield Text.assemble(
        "the same request from this machine to ", short(without_credentials(report.url))
    )
    for step in report.steps:
        mark, style = _MARKS[step.ok]
        detail = f"  {short(step.detail)}" if step.detail else ""
        yield Text.assemble((f"  {mark} ", style), f"{step.name:<12}", (detail, "dim"))
    if report.answered_by:
        yield Text.assemble(("  answered by ", "dim"), short(report.answered_by))

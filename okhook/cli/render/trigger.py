"""How ``okhook trigger`` looks: what was done, what arrived, and how far it got."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from okhook.activity import Activity
from okhook.display import plain
from okhook.trigger.activities import (
    Arrived,
    CleanedUp,
    Finding,
    LeftInOrg,
    Lost,
    ScenarioListed,
    StepDone,
    Subject,
    Triggerable,
    Triggered,
)
from okhook.trigger.made import Made

_LIMIT = 300
_ANSWER_STYLES = {"yes": "green", "no": "bold red", "unknown": "yellow"}
_ASKED_WIDTH = 32
_TYPE_WIDTH = 32


def render_trigger(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``; none for those of other rooms."""
    match activity:
        case StepDone():
            yield _done(activity)
        case Arrived():
            yield _arrived(activity)
        case Lost():
            yield from _lost(activity)
        case Triggered() if activity.arrived > 1:
            yield Text(f"all {activity.arrived} events arrived", style="green")
        case LeftInOrg():
            yield from _left(activity)
        case CleanedUp():
            yield from _cleaned_up(activity)
        case ScenarioListed(text=str() as text):
            for line in text.rstrip("\n").split("\n"):
                yield Text(plain(line))


def triggerable_rows(activity: Activity) -> Iterator[Text]:
    """Return the line of something that can be triggered."""
    match activity:
        case Triggerable():
            yield Text.assemble(
                (f"{activity.event_type:<{_TYPE_WIDTH}}", "bold"), f"  {activity.meaning}"
            )
        case ScenarioListed():
            yield Text.assemble(
                (f"{'--scenario ' + activity.name:<{_TYPE_WIDTH}}", "bold"),
                f"  {len(activity.event_types)} event types",
            )


def _done(step: StepDone) -> Text:
    group = "" if step.group is None else f", {_named(step.group)}"
    return Text.assemble(
        ("prepared  " if step.is_preparation else "done      ", "dim"),
        (step.event_type, "dim" if step.is_preparation else "bold"),
        (f"  {_named(step.user)}{group}", "dim" if step.is_preparation else ""),
    )


def _arrived(arrived: Arrived) -> Text:
    return Text.assemble(
        ("arrived   ", "bold green"),
        (arrived.step.event_type, "bold"),
        f"  after {_seconds(arrived.took_s)}, as #{arrived.seq}",
        (f"  {plain(arrived.uuid or 'no uuid', limit=_LIMIT)}", "dim"),
    )


def _lost(lost: Lost) -> Iterator[Text]:
    yield Text.assemble(
        ("lost      ", "bold red"),
        (lost.step.event_type, "bold"),
        f"  is not here after {_seconds(lost.waited_s)}"
        f"{', and will not come' if lost.is_certain else ''}; this is how far it got:",
    )
    for finding in lost.findings:
        yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[Text]:
    yield Text.assemble(
        f"  {finding.asked:<{_ASKED_WIDTH}}",
        (f"{finding.answer:<8}", _ANSWER_STYLES[finding.answer]),
        plain(finding.evidence, limit=_LIMIT * 2),
    )
    if finding.mend is not None:
        yield Text.assemble((f"{'→ ':>44}", "cyan"), plain(finding.mend, limit=_LIMIT))


def _left(left: LeftInOrg) -> Iterator[Text]:
    for made in left.left:
        yield Text(f"left in {plain(left.org)}: {made.kind} {_named(made)}", style="dim")
    yield Text.assemble(("it is removed by: ", "dim"), plain(left.removing))


def _cleaned_up(cleaned: CleanedUp) -> Iterator[Text]:
    for made in cleaned.removed:
        yield Text(f"removed   {made.kind} {_named(made)}", style="dim")
    for made, reason in cleaned.left:
        yield Text.assemble(
            ("still there  ", "bold red"),
            f"{made.kind} {_named(made)}: {plain(reason, limit=_LIMIT)}",
        )
    if cleaned.left:
        yield Text.assemble(("try again: ", "dim"), plain(cleaned.removing))
    elif not cleaned.removed:
        yield Text("nothing is known here that is still to be removed", style="dim")


def _named(made: Made | Subject) -> str:
    return plain(made.name if made.id is None else f"{made.name} ({made.id})", limit=_LIMIT)


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"

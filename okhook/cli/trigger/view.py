"""How ``okhook trigger`` looks: what was done, what arrived, and why something did not."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.lines import IndentedLines, drawing, short
from okhook.text import plain_lines
from okhook.trigger.activities import (
    Arrived,
    CleanedUp,
    Created,
    Finding,
    LeftInOrg,
    Lost,
    ScenarioListed,
    StepDone,
    Triggerable,
    Triggered,
)
from okhook.wire.org import Org

_LIMIT: Final = 300
_EVIDENCE_LIMIT: Final = 600
_ANSWER_STYLES: Final = {"yes": "green", "no": "bold red", "unknown": "yellow"}
_TYPE_WIDTH: Final = 32


class TriggerRenderer:
    """Turns activities into lines. They are broken at ``width``, if there is one."""

    def __init__(self, width: int | None) -> None:
        self._indented = IndentedLines(" " * 10, width)

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``. Those of other rooms have none."""
        match activity:
            case StepDone():
                yield from self._done(activity)
            case Arrived():
                yield _arrived(activity)
            case Lost():
                yield from self._lost(activity)
            case Triggered() if activity.arrived > 1:
                yield Text(f"all {activity.arrived} events arrived", style="green")
            case LeftInOrg():
                yield from self._left(activity)
            case CleanedUp():
                yield from self._cleaned_up(activity)

    def _done(self, step: StepDone) -> Iterator[Text]:
        name, style = ("prepared", "dim") if step.is_preparation else ("done", "bold")
        who = [step.user.name, *([f"group {step.group.name}"] if step.group else [])]
        first, *more = self._filled([step.event_type, *(short(w, _LIMIT) for w in who)])
        rest = first.removeprefix(step.event_type)
        beside = "dim" if step.is_preparation else ""
        yield Text.assemble((f"{name:<10}", "dim"), (step.event_type, style), (rest, beside))
        for line in more:
            yield Text(f"{self._indented.indent}{line}", style=beside)

    def _filled(self, parts: Iterable[str]) -> list[str]:
        """Return parts side by side, in as many lines as they need."""
        indent, width = self._indented.indent, self._indented.width
        first, *rest = parts
        lines = [first]
        for part in rest:
            wider = f"{lines[-1]}  {part}"
            if width is not None and len(indent) + len(wider) > width:
                lines.append(part)
            else:
                lines[-1] = wider
        return lines

    def _lost(self, lost: Lost) -> Iterator[Text]:
        ending = "; it will not arrive" if lost.is_certain else ""
        yield Text.assemble(
            ("lost      ", "bold red"),
            (lost.step.event_type, "bold"),
            f"  not received after {_seconds(lost.waited_s)}{ending}",
        )
        yield Text("how far the event got:")
        for finding in lost.findings:
            yield from self._finding(finding)

    def _finding(self, finding: Finding) -> Iterator[Text]:
        yield Text.assemble(
            (f"  {finding.answer:<8}", _ANSWER_STYLES[finding.answer]), finding.asked
        )
        yield from self._indented.lines(short(finding.evidence, _EVIDENCE_LIMIT))
        yield from self._indented.next_steps(finding.remedy, _EVIDENCE_LIMIT)

    def _left(self, left: LeftInOrg) -> Iterator[Text]:
        for made in left.left:
            yield Text(f"left      {_named(made)}", style="dim")
        stays, it = ("it is still", "it") if len(left.left) == 1 else ("they are still", "them")
        yield Text(
            f"{self._indented.indent}{stays} in {Org(left.org).host}; remove {it} with:",
            style="dim",
        )
        yield from self._indented.next_steps(left.removing, _EVIDENCE_LIMIT)

    def _cleaned_up(self, cleaned: CleanedUp) -> Iterator[Text]:
        for made in cleaned.removed:
            yield Text(f"removed   {_named(made)}", style="dim")
        for made in cleaned.gone:
            yield Text(f"gone      {_named(made)}", style="dim")
        if cleaned.gone:
            yield Text(f"{self._indented.indent}already deleted", style="dim")
        for each in cleaned.left:
            yield Text.assemble(("left      ", "bold red"), _named(each.created))
            yield from self._indented.lines(short(each.reason, _LIMIT), "dim")
        if cleaned.left:
            yield Text(f"{self._indented.indent}to try again:", style="dim")
            yield from self._indented.next_steps(cleaned.removing, _EVIDENCE_LIMIT)
        if not (cleaned.removed or cleaned.gone or cleaned.left):
            yield Text("nothing to remove", style="dim")


def _triggerable(listed: Triggerable) -> Iterator[Text]:
    yield Text.assemble((f"{listed.event_type:<{_TYPE_WIDTH}}", "bold"), f"  {listed.meaning}")


def _scenario(scenario: ScenarioListed) -> Iterator[Text]:
    """Yield the file of a scenario if it is to be shown, else its line in the list."""
    if scenario.text is None:
        count = f"  {len(scenario.event_types)} event types"
        yield Text.assemble((f"{'--scenario ' + scenario.name:<{_TYPE_WIDTH}}", "bold"), count)
    else:
        yield from map(Text, plain_lines(scenario.text.rstrip("\n")))


render_scenario = drawing({Triggerable: _triggerable, ScenarioListed: _scenario})


def _arrived(arrived: Arrived) -> Text:
    return Text.assemble(
        ("arrived   ", "bold green"),
        (arrived.step.event_type, "bold"),
        f"  after {_seconds(arrived.took_s)}, as #{arrived.seq}",
    )


def _named(made: Created) -> str:
    name = made.name if made.id is None else f"{made.name} ({made.id})"
    return f"{made.kind} {short(name, _LIMIT)}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"

"""How a diagnosis looks: one line for each check, with facts and the remedy beneath it."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.console import Console
from okhook.cli.views.lines import IndentedLines, short
from okhook.doctor.check import Checked, Diagnosis, Outcome

_NAME_WIDTH: Final = 11
_LONGEST: Final = 400
_SLOW_S: Final = 1.0
_MARKS: Final = {
    Outcome.OK: ("✓", "green"),
    Outcome.WARNING: ("!", "yellow"),
    Outcome.FAILED: ("✗", "bold red"),
    Outcome.SKIPPED: ("–", "dim"),  # noqa: RUF001 - a dash beside ticks and crosses
}


class DoctorRenderer:
    """Turns checks into lines. Skipped checks in a row with the same reason share one line."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._verbose = verbose
        width = console.width
        self._indented = IndentedLines(" " * (_NAME_WIDTH + 3), width)
        self._skipped: list[Checked] = []

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``. Skipped checks wait for the next other one."""
        match activity:
            case Checked(finding=found) if found.outcome is Outcome.SKIPPED:
                if not any(each.finding.detail == found.detail for each in self._skipped):
                    yield from self._skipped_lines()
                self._skipped.append(activity)
            case Checked():
                yield from self._skipped_lines()
                yield from self._check(activity)
            case Diagnosis():
                yield from self._skipped_lines()
                yield _summary(activity)

    def _skipped_lines(self) -> Iterator[Text]:
        """Yield the skipped checks so far: the first with its reason, the others by name."""
        if not self._skipped:
            return
        first, *others = self._skipped
        self._skipped = []
        yield from self._headed(first)
        if others:
            names = ", ".join(each.name for each in others)
            text = short(f"also skipped: {names}", _LONGEST)
            yield from self._indented.lines(text, "dim")
        yield from self._indented.next_steps(first.finding.remedy, _LONGEST)

    def _check(self, checked: Checked) -> Iterator[Text]:
        yield from self._headed(checked)
        found = checked.finding
        for fact in () if found.outcome is Outcome.OK and not self._verbose else found.facts:
            yield from self._indented.lines(short(fact, _LONGEST), "dim")
        yield from self._indented.next_steps(found.remedy, _LONGEST)

    def _headed(self, checked: Checked) -> Iterator[Text]:
        outcome = checked.finding.outcome
        mark, style = _MARKS[outcome]
        said = "dim" if outcome is Outcome.SKIPPED else ""
        first, *more = self._indented.wrapped(short(checked.finding.detail, _LONGEST))
        head = Text.assemble((f"{mark} ", style), f"{checked.name:<{_NAME_WIDTH}} ", (first, said))
        if checked.duration_s >= _SLOW_S:
            head.append(f"  {checked.duration_s:.1f} s", style="dim")
        yield head
        for line in more:
            yield Text(f"{self._indented.indent}{line}", style=said)


def _summary(diagnosis: Diagnosis) -> Text:
    warnings = len(diagnosis.warnings)
    counts = [
        (len(diagnosis.ok), "ok", "green"),
        (warnings, "warning" if warnings == 1 else "warnings", "yellow"),
        (len(diagnosis.failed), "failed", "bold red"),
        (len(diagnosis.skipped), "skipped", "dim"),
    ]
    shown = [Text(f"{count} {word}", style=style) for count, word, style in counts if count]
    return Text.assemble(Text(", ").join(shown), (f"  {diagnosis.duration_s:.1f} s", "dim"))

"""How a diagnosis looks: a line a check, what is known of it beneath, and what mends it."""

import textwrap
from collections.abc import Iterable, Iterator
from typing import Final, final

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.console import Console
from okhook.doctor.activities import Checked, Diagnosis
from okhook.doctor.check import Outcome
from okhook.text import plain

_NAME_WIDTH: Final = 11
_INDENT: Final = " " * (_NAME_WIDTH + 3)
_LONGEST: Final = 400
_SLOW_S: Final = 1.0
_MARKS: Final = {
    Outcome.OK: ("✓", "green"),
    Outcome.WARNING: ("!", "yellow"),
    Outcome.FAILED: ("✗", "bold red"),
    Outcome.SKIPPED: ("–", "dim"),  # noqa: RUF001 - a dash beside ticks and crosses
}


@final
class DoctorRenderer:
    """Turns checks into lines. Those in a row that were left out for one reason become one line.

    ``verbose`` shows what is known beneath the sound ones too.
    """

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._verbose = verbose
        self._width = console.out.width if console.is_live else None
        self._left_out: list[Checked] = []

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``; none as long as more may be left out alike."""
        match activity:
            case Checked(finding=found) if found.outcome is Outcome.SKIPPED:
                if not self._is_left_out_alike(activity):
                    yield from self._told_at_once()
                self._left_out.append(activity)
            case Checked():
                yield from self._told_at_once()
                yield from self._check(activity)
            case Diagnosis():
                yield from self._told_at_once()
                yield _summary(activity)

    def _is_left_out_alike(self, checked: Checked) -> bool:
        return any(each.finding.detail == checked.finding.detail for each in self._left_out)

    def _told_at_once(self) -> Iterator[Text]:
        """Yield what was left out so far: the first with its reason, the rest by name."""
        if not self._left_out:
            return
        first, *others = self._left_out
        self._left_out = []
        yield from self._headed(first)
        if others:
            names = ", ".join(each.name for each in others)
            yield from self._wrapped(f"nor can these be checked: {names}", style="dim")
        yield from self._remedies(first)

    def _check(self, checked: Checked) -> Iterator[Text]:
        yield from self._headed(checked)
        is_sound = checked.finding.outcome is Outcome.OK
        for fact in () if is_sound and not self._verbose else checked.finding.facts:
            yield from self._wrapped(fact, style="dim")
        yield from self._remedies(checked)

    def _headed(self, checked: Checked) -> Iterator[Text]:
        mark, style = _MARKS[checked.finding.outcome]
        first, *more = self._lines(checked.finding.detail)
        is_left_out = checked.finding.outcome is Outcome.SKIPPED
        head = Text.assemble(
            (f"{mark} ", style), f"{checked.name:<{_NAME_WIDTH}} ", (first, "dim" * is_left_out)
        )
        if checked.duration_s >= _SLOW_S:
            head.append(f"  {checked.duration_s:.1f} s", style="dim")
        yield head
        for line in more:
            yield Text(f"{_INDENT}{line}", style="dim" * is_left_out)

    def _remedies(self, checked: Checked) -> Iterator[Text]:
        for number, line in enumerate((checked.finding.remedy or "").splitlines()):
            arrow = "→ " if number == 0 else "  "
            shown = [plain(line)] if _is_to_paste(line) else self._lines(line)
            for each in shown:
                yield Text.assemble((f"{_INDENT}{arrow}", "cyan"), each)
                arrow = "  "

    def _wrapped(self, text: str, *, style: str) -> Iterator[Text]:
        for line in self._lines(text):
            yield Text(f"{_INDENT}{line}", style=style)

    def _lines(self, text: str) -> list[str]:
        """Return a text made plain, in lines that fit beside the names on a terminal."""
        safe = plain(text, limit=_LONGEST)
        if self._width is None:
            return [safe]
        room = max(20, self._width - len(_INDENT) - 2)
        return textwrap.wrap(safe, room, break_long_words=False, break_on_hyphens=False) or [""]


def _is_to_paste(line: str) -> bool:
    """Tell whether a remedy is a command, which a line break would spoil."""
    return line.startswith("okhook ")


def _summary(diagnosis: Diagnosis) -> Text:
    counted = [
        (len(diagnosis.ok), "ok", "green"),
        (len(diagnosis.warnings), "to look at", "yellow"),
        (len(diagnosis.failed), "failed", "bold red"),
        (len(diagnosis.skipped), "left out", "dim"),
    ]
    text = Text()
    for count, word, style in counted:
        if count:
            text.append(", " if text else "")
            text.append(f"{count} {word}", style=style)
    text.append(f"  {diagnosis.duration_s:.1f} s", style="dim")
    return text

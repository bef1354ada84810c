"""Show the plan of ``hooks apply``."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.lines import first_of, labelled, short
from okhook.okta.as_code.changes import PartChange
from okhook.okta.as_code.plan import HookPlanned, PlanSummed

_MARKS = {
    "create": ("+ ", "green"),
    "update": ("~ ", "yellow"),
    "verify": ("~ ", "yellow"),
    "delete": ("- ", "bold red"),
}
_SHOWN = 6
_LABEL_WIDTH = 13


def render_plan(activity: Activity) -> Iterable[Text]:
    """Return the lines of a hook that changes, or of the summary. A hook that stays has none."""
    if isinstance(activity, HookPlanned) and activity.action != "unchanged":
        yield _heading(activity)
        for change in activity.changes:
            yield from _change(change)
        if activity.secrets:
            yield _line("sends", f"the value of {', '.join(map(short, activity.secrets))}")
        if activity.verify:
            yield _line("verify", "Okta calls the URL once")
        if activity.needs:
            yield Text.assemble(_line("needs", ""), (", ".join(activity.needs), "bold red"))
    elif isinstance(activity, PlanSummed):
        yield Text.assemble(("plan: ", "bold"), _counts(activity))


def _heading(hook: HookPlanned) -> Text:
    mark = _MARKS[hook.action]
    named = (f"  {short(hook.id)}", "dim") if hook.id else ""
    return Text.assemble(mark, (short(hook.name), "bold"), named, f"  {short(hook.url)}")


def _change(change: PartChange) -> Iterator[Text]:
    removed, added = map(short, change.removed), map(short, change.added)
    if not change.removed and not change.added:
        yield _line(change.part, "changes" if change.part != "secret" else "set again")
    elif len(change.removed) <= 1 and len(change.added) <= 1:
        yield _line(change.part, " → ".join([*removed, *added] if change.added else [*removed, ""]))
    else:
        for sign, texts in (("- ", list(removed)), ("+ ", list(added))):
            if texts:
                yield _line(change.part, f"{sign}{first_of(texts, _SHOWN)}")


def _line(label: str, text: str) -> Text:
    return labelled(label, text, width=_LABEL_WIDTH)


def _counts(plan: PlanSummed) -> str:
    counts = [
        (plan.create, "to create"),
        (plan.update, "to change"),
        (plan.verify, "to verify"),
        (plan.delete, "to delete"),
        (plan.unchanged, "unchanged"),
    ]
    return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to do"

"""Show the plan of ``hooks apply``."""

from collections.abc import Iterator

from rich.text import Text

from okhook.cli.views.lines import drawing, labelled, short
from okhook.okta.as_code.changes import PartChange
from okhook.okta.as_code.plan import HookPlanned, PlanSummed
from okhook.text import first_of

_MARKS = {
    "create": ("+ ", "green"),
    "update": ("~ ", "yellow"),
    "verify": ("~ ", "yellow"),
    "delete": ("- ", "bold red"),
}
_LABELS = {"auth field": "secret in"}
_LISTS = ("events", "filters", "headers")
_SHOWN = 6
_LABEL_WIDTH = 13


def _planned(hook: HookPlanned) -> Iterator[Text]:
    if hook.action == "unchanged":
        return
    named = (f"  {short(hook.id)}", "dim") if hook.id else ""
    yield Text.assemble(_MARKS[hook.action], (short(hook.name), "bold"), named)
    if hook.action in ("create", "delete"):
        yield _line("url", short(hook.url))
    for change in hook.changes:
        yield from _change(change, is_new=hook.action == "create")
    if hook.secrets:
        yield _line("sends", f"the value of {', '.join(map(short, hook.secrets))}")
    if hook.verify:
        yield _line("verify", "Okta calls the URL once")
    if hook.needs:
        yield Text.assemble(_line("needs", ""), (", ".join(hook.needs), "bold red"))


def _change(change: PartChange, *, is_new: bool) -> Iterator[Text]:
    label = _LABELS.get(change.part, change.part)
    removed, added = list(map(short, change.removed)), list(map(short, change.added))
    if not removed and not added:
        yield _line(label, "set again")
    elif is_new:
        yield _line(label, first_of(added, _SHOWN))
    elif change.part in _LISTS:
        for sign, texts in (("-", removed), ("+", added)):
            if texts:
                yield _line(label, f"{sign} {first_of(texts, _SHOWN)}")
    else:
        yield _line(label, f"{(removed or ['none'])[0]} → {(added or ['none'])[0]}")


def _line(label: str, text: str) -> Text:
    return labelled(label, text, width=_LABEL_WIDTH)


def _summed(plan: PlanSummed) -> Iterator[Text]:
    counts = [
        (plan.create, "to create"),
        (plan.update, "to change"),
        (plan.verify, "to verify"),
        (plan.delete, "to delete"),
        (plan.unchanged, "unchanged"),
    ]
    shown = ", ".join(f"{count} {what}" for count, what in counts if count)
    yield Text.assemble(("plan: ", "bold"), shown or "nothing to do")


render_plan = drawing({HookPlanned: _planned, PlanSummed: _summed})

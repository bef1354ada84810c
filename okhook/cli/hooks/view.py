"""Show event hooks, as a list and in full, and the plan of ``hooks apply``."""

from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from okhook.cli.views.lines import View, drawing, labelled, short
from okhook.cli.views.org import hook_heading, hook_status
from okhook.okta.activities import HookFound
from okhook.okta.as_code.changes import PartChange
from okhook.okta.as_code.plan import HookPlanned, PlanSummed
from okhook.okta.event_hooks import EventHook
from okhook.text import first_of, plain

_LONGEST_NAME = 40
_STATUS_WIDTH = len("INACTIVE UNVERIFIED")
_LABEL_WIDTH = 13

_MARKS = {
    "create": ("+ ", "green"),
    "update": ("~ ", "yellow"),
    "verify": ("~ ", "yellow"),
    "delete": ("- ", "bold red"),
}
_LABELS = {"auth field": "secret in"}
_LISTS = ("events", "filters", "headers")
_SHOWN = 6


def hook_rows(
    hooks: Sequence[EventHook],
    verify_command: Callable[[EventHook], str],
    *,
    width: int | None = None,
) -> View[HookFound]:
    """Return a view for the list of ``hooks``, in lines that are no longer than ``width``."""
    id_width = max((cell_len(plain(hook.id)) for hook in hooks), default=0)
    name_width = max((cell_len(short(hook.name, _LONGEST_NAME)) for hook in hooks), default=0)

    def described(hook: EventHook, style: str) -> Text:
        status = f"{short(hook.status, 20)} {short(hook.verification_status, 20)}"
        count = len(hook.events)
        return Text.assemble(
            (f"{status:<{_STATUS_WIDTH}}", style),
            "  ",
            (set_cell_size(plain(hook.id), id_width), "bold"),
            f"  {set_cell_size(short(hook.name, _LONGEST_NAME), name_width)}",
            (f"  {count:>3} event type{' ' if count == 1 else 's'}", "dim"),
        )

    url_is_beneath = width is not None and any(
        described(hook, "").cell_len + 2 + cell_len(short(hook.shown_url)) > width for hook in hooks
    )

    def row(found: HookFound) -> Iterator[Text]:
        hook = found.hook
        is_unverified = hook.is_active and not hook.is_verified
        style = "bold red" if is_unverified else ("green" if hook.is_active else "dim")
        if url_is_beneath:
            yield from (described(hook, style), Text(f"  {short(hook.shown_url)}"))
        else:
            yield Text.assemble(described(hook, style), "  ", short(hook.shown_url))
        if is_unverified:
            yield Text.assemble(
                ("  Okta sends nothing to it until it is verified: ", "red"),
                (verify_command(hook), "bold"),
            )

    return row


def hook_in_full(found: HookFound) -> Iterator[Text]:
    """Yield all that is known of a hook."""
    hook = found.hook
    yield hook_heading(hook, found.org)
    yield _line("status", hook_status(hook))
    if hook.description:
        yield _line("description", short(hook.description))
    yield _line("URL", short(hook.shown_url))
    field = hook.auth_field
    in_header = "none" if field is None else f"in the header {short(field)}; Okta does not show it"
    yield _line("secret", in_header)
    for entry in hook.raw["channel"]["config"].get("headers") or ():
        if entry is not None:
            yield _line("header", f"{short(entry['key'])}: {short(entry['value'])}")
    filters = dict(hook.filters)
    for event_type in sorted(hook.events):
        yield _line("event", short(event_type))
        if event_type in filters:
            yield _line("", Text(f"  where {plain(filters[event_type])}", style="dim"))
    for what, key in (("created", "created"), ("changed", "lastUpdated")):
        if isinstance(moment := hook.raw.get(key), str):
            yield _line(what, short(moment, 40))


def _line(what: str, content: str | Text) -> Text:
    return labelled(what, content, width=_LABEL_WIDTH)


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

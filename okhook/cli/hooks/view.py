"""How event hooks look: as a list, in full, and after something was done to one."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from okhook.activity import Activity
from okhook.cli.register.view import render_registration, status_of
from okhook.okta.activities import HookChanged, HookFound
from okhook.okta.event_hooks import EventHook
from okhook.text import plain

_LIMIT = 200
_LONGEST_NAME = 40
_STATUS_WIDTH = len("INACTIVE UNVERIFIED")

Mending = Callable[[EventHook], str]
"""The command that has a hook verified."""


def render_hooks(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``: what became of a hook, or what happens on the way."""
    if isinstance(activity, HookChanged):
        return _changed(activity)
    return render_registration(activity)


def hook_rows(
    hooks: Sequence[EventHook], mending: Mending, *, width: int | None = None
) -> Callable[[Activity], Iterable[Text]]:
    """Return what shows ``hooks``, a line each, in columns that fit all of them.

    One that is ACTIVE and UNVERIFIED is red, with the command that mends it. Where a line is longer
    than ``width``, each URL stands beneath its hook; None for no limit.
    """
    id_width = max((cell_len(plain(hook.id)) for hook in hooks), default=0)
    name_width = max((cell_len(_name(hook)) for hook in hooks), default=0)

    def described(hook: EventHook, style: str) -> Text:
        status = f"{plain(hook.status, limit=20)} {plain(hook.verification_status, limit=20)}"
        return Text.assemble(
            (_padded(status, _STATUS_WIDTH), style),
            "  ",
            (_padded(plain(hook.id), id_width), "bold"),
            f"  {_padded(_name(hook), name_width)}",
            (f"  {_count(hook)}", "dim"),
        )

    def is_too_long(hook: EventHook) -> bool:
        return width is not None and described(hook, "").cell_len + 2 + cell_len(_url(hook)) > width

    url_is_beneath = any(map(is_too_long, hooks))

    def row(activity: Activity) -> Iterator[Text]:
        if not isinstance(activity, HookFound):
            return
        hook = activity.hook
        looks_well = hook.is_active and not hook.is_verified
        style = "bold red" if looks_well else ("green" if hook.is_active else "dim")
        if url_is_beneath:
            yield from (described(hook, style), Text(f"  {_url(hook)}"))
        else:
            yield Text.assemble(described(hook, style), "  ", _url(hook))
        if looks_well:
            yield Text.assemble(
                ("  it receives nothing until it is verified: ", "red"), (mending(hook), "bold")
            )

    return row


def hook_in_full(activity: Activity) -> Iterator[Text]:
    """Return all that the org says of a hook, for people."""
    if not isinstance(activity, HookFound):
        return
    hook = activity.hook
    yield _heading("", hook, activity.org)
    yield _line("status", status_of(hook))
    if hook.description:
        yield _line("description", plain(hook.description, limit=_LIMIT))
    yield _line("URL", _url(hook))
    yield _line("secret", _secret(hook))
    for name, value in _shown_headers(hook):
        yield _line("header", f"{plain(name, limit=_LIMIT)}: {plain(value, limit=_LIMIT)}")
    filters = dict(hook.filters)
    for event_type in sorted(hook.events):
        yield _line("event", plain(event_type, limit=_LIMIT))
        if event_type in filters:
            yield _line("", Text(f"  where {plain(filters[event_type])}", style="dim"))
    for what, key in (("created", "created"), ("changed", "lastUpdated")):
        if isinstance(moment := hook.raw.get(key), str):
            yield _line(what, plain(moment, limit=40))


def _changed(activity: HookChanged) -> Iterator[Text]:
    hook = activity.hook
    parts = f" ({', '.join(activity.changed)})" if activity.changed else ""
    yield _heading(f"{activity.action.replace('_', ' ')}{parts}  ", hook, activity.org)
    if activity.action != "deleted":
        yield _line("status", status_of(hook))


def _heading(done: str, hook: EventHook, org: str) -> Text:
    return Text.assemble(
        (done, "bold green"),
        f"{plain(hook.name, limit=_LIMIT)}  ",
        (plain(hook.id), "bold"),
        (f"  in {plain(org)}", "dim"),
    )


def _line(what: str, content: str | Text) -> Text:
    return Text.assemble((f"  {what:<13}", "dim"), content)


def _secret(hook: EventHook) -> str:
    if hook.auth_field is None:
        return "none"
    return f"in the header {plain(hook.auth_field, limit=_LIMIT)}; Okta never shows it"


def _shown_headers(hook: EventHook) -> list[tuple[str, str]]:
    """Return the custom headers out of the object that holds no secret of ours."""
    entries = hook.raw["channel"]["config"].get("headers") or ()
    return [(entry["key"], entry["value"]) for entry in entries if entry is not None]


def _name(hook: EventHook) -> str:
    return plain(hook.name, limit=_LONGEST_NAME)


def _url(hook: EventHook) -> str:
    return plain(hook.url, limit=_LIMIT)


def _count(hook: EventHook) -> str:
    count = len(hook.events)
    return f"{count:>3} event type{' ' if count == 1 else 's'}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))

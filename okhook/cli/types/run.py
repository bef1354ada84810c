"""Run ``okhook types``: list event types from the catalogue, the org's hooks and the store."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from functools import partial

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from okhook.cli.context import Context
from okhook.cli.store_reader import indexed_reader
from okhook.cli.views.lines import View, short
from okhook.errors import AnswerIsNo, NoStore, OkhookError
from okhook.okta.activities import EventTypeListed
from okhook.okta.event_hooks import EventHook
from okhook.text import counted, first_of
from okhook.wire.event_types import RELEASE, eligible, meant, not_eligible
from okhook.wire.payload import CANARY_EVENT_TYPE


def list_types_and_show(ctx: Context, search: str, ineligible_too: bool) -> None:
    """Show the event types that contain each word of ``search``; raise AnswerIsNo for none."""
    listed = event_types_listed(search, hooks=_hooks(ctx), seen=_seen(ctx))
    shown = [each for each in listed if ineligible_too or each.eligible is not False]
    hidden = len(listed) - len(shown)
    if not shown:
        raise _nothing_found(search, hidden)
    ctx.console.show_all(shown, type_rows(shown))
    eligible = counted(sum(each.eligible is True for each in shown), "event type")
    more = f"; --all shows {hidden} that no hook can subscribe to" if hidden else ""
    ctx.console.note(f"{eligible} that a hook can subscribe to, as of Okta {RELEASE}{more}")


def _hooks(ctx: Context) -> list[EventHook] | None:
    """Return the org's hooks; None if no org is set.

    If the org does not answer, that ends the command only if --org names it.
    """
    org = ctx.settings.org
    if org is None:
        return None
    import anyio

    from okhook.cli.org_session import opened_org

    async def all_hooks() -> list[EventHook]:
        async with opened_org(ctx) as session:
            return await session.api.all()

    try:
        return anyio.run(all_hooks)
    except OkhookError as fault:
        if org.from_flag:
            raise
        ctx.console.warn(f"skipped the org's hooks: {fault.what}")
        return None


def _seen(ctx: Context) -> frozenset[str]:
    with suppress(NoStore), indexed_reader(ctx) as reader:
        return reader.event_types_seen() - {CANARY_EVENT_TYPE}
    return frozenset()


def _nothing_found(search: str, hidden: int) -> AnswerIsNo:
    if hidden:
        return AnswerIsNo(
            f"no event type that a hook can subscribe to matches {search}",
            next_step=f"pass --all to show {hidden} that no hook can subscribe to",
        )
    return AnswerIsNo(f"no event type matches {search}", next_step=meant(search) or None)


def event_types_listed(
    search: str, *, hooks: Sequence[EventHook] | None, seen: Collection[str]
) -> list[EventTypeListed]:
    """Return the event types that contain each word of ``search``, eligible ones first.

    ``hooks`` is None if no org was asked. The list includes types that only a hook or the store
    has, because Okta adds new ones every month.
    """
    beyond = not_eligible()
    subscribed = {event_type for hook in hooks or () for event_type in hook.events}
    everything = eligible() | beyond | subscribed | frozenset(seen)
    words = search.lower().split()
    wanted = [name for name in everything if all(word in name.lower() for word in words)]
    return [
        EventTypeListed(
            event_type=name,
            eligible=name in eligible() or (False if name in beyond else None),
            subscribed=None if hooks is None else tuple(h for h in hooks if name in h.events),
            seen=name in seen,
        )
        for name in sorted(wanted, key=lambda name: (name in beyond, name))
    ]


_LIMIT = 100
_HOOKS_NAMED = 3


def type_rows(listed: Sequence[EventTypeListed]) -> View[EventTypeListed]:
    """Return a view with columns that fit all of ``listed``."""
    width = max((cell_len(short(each.event_type, _LIMIT)) for each in listed), default=0)
    return partial(_row, width)


def _row(width: int, listed: EventTypeListed) -> Iterator[Text]:
    line = Text.assemble(
        (
            set_cell_size(short(listed.event_type, _LIMIT), width),
            "dim" if listed.eligible is False else "bold",
        ),
        (f"  {'seen' if listed.seen else '    '}", "green"),
        ("  not for hooks" if listed.eligible is False else "", "dim"),
        ("  not in the catalogue" if listed.eligible is None else "", "yellow"),
    )
    if listed.subscribed:
        names = [short(hook.name, _LIMIT) for hook in listed.subscribed]
        line.append(f"  {first_of(names, _HOOKS_NAMED)}", style="cyan")
    line.rstrip()
    yield line

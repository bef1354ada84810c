"""List event types and show them: the catalogue, the org's hooks, and what the store has seen."""

from okhook.cli.context import Context
from okhook.cli.deliveries.shared import looking_back
from okhook.cli.types.view import type_rows
from okhook.cli.views.lines import counted
from okhook.errors import AnswerIsNo, OkhookError
from okhook.okta.event_hooks import EventHook
from okhook.okta.event_type_list import event_types_listed
from okhook.wire.event_types import RELEASE, nearest
from okhook.wire.payload import CANARY_EVENT_TYPE


def list_types_and_show(ctx: Context, search: str, ineligible_too: bool) -> None:
    """Show the event types that hold each word of ``search``.

    Raises:
        AnswerIsNo: no event type matches.
    """
    listed = event_types_listed(search, hooks=_hooks(ctx), seen=_seen(ctx))
    shown = [each for each in listed if ineligible_too or each.eligible is not False]
    left_out = len(listed) - len(shown)
    if not shown:
        raise _nothing_found(search, left_out)
    ctx.console.show_all(shown, type_rows(shown))
    can_have = sum(each.eligible is True for each in shown)
    beyond = f"; {left_out} that no hook can have are left out: --all" if left_out else ""
    types = counted(can_have, "event type")
    ctx.console.note(f"{types} that a hook can have, as of Okta {RELEASE}{beyond}")


def _hooks(ctx: Context) -> list[EventHook] | None:
    """Return the org's hooks; None where no org is set.

    The catalogue is shown also where an org that is set for all commands cannot be asked.
    """
    org = ctx.settings.org
    if org is None:
        return None
    import anyio

    try:
        return anyio.run(_all_hooks, ctx)
    except OkhookError as fault:
        if org.from_flag:
            raise
        ctx.console.warn(f"what the org's hooks subscribe to is left out: {fault.what}")
        return None


async def _all_hooks(ctx: Context) -> list[EventHook]:
    from okhook.cli.org_session import opened_org

    async with opened_org(ctx) as opened:
        return await opened.api.all()


def _seen(ctx: Context) -> frozenset[str]:
    if not ctx.store_file.exists():
        return frozenset()
    with looking_back(ctx) as reader:
        return reader.event_types_seen() - {CANARY_EVENT_TYPE}


def _nothing_found(search: str, left_out: int) -> AnswerIsNo:
    if left_out:
        return AnswerIsNo(
            f"no event type that a hook can have matches {search}",
            next_step=f"--all shows {left_out} that no hook can have",
        )
    near = nearest(search)
    return AnswerIsNo(
        f"no event type matches {search}",
        next_step=f"did you mean {' or '.join(near)}?" if near else None,
    )

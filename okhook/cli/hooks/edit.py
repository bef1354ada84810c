"""``okhook hooks edit``: change an event hook."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from okhook.cli.command import Panel, command
from okhook.cli.completion import event_types
from okhook.cli.context import Context
from okhook.cli.options import SECRET, HookArgument
from okhook.config.setting import Flag

_event_type = partial(Flag, metavar="TYPE", completion=event_types, takes_names=True)
_header = partial(Flag, metavar="'NAME: VALUE'")
_filter = partial(Flag, metavar="'TYPE=EXPRESSION'")


@dataclass(frozen=True, slots=True)
class EditFlags:
    """The changes of the hook."""

    name: Annotated[str | None, Flag("New name", metavar="NAME")] = None
    url: Annotated[str | None, Flag("New URL", metavar="URL")] = None
    description: Annotated[
        str | None, Flag("New description; '' removes it", may_be_empty=True)
    ] = None
    event: Annotated[list[str] | None, _event_type("Replace all event types with these")] = None
    add_event: Annotated[list[str] | None, _event_type("Add event types")] = None
    remove_event: Annotated[
        list[str] | None, _event_type("Remove event types and their filters")
    ] = None
    header: Annotated[
        list[str] | None, _header("Replace all headers with this one; repeat for more")
    ] = None
    add_header: Annotated[
        list[str] | None, _header("Add a header, or change its value; repeat for more")
    ] = None
    remove_header: Annotated[
        list[str] | None, _header("Remove headers", metavar="NAME", takes_names=True)
    ] = None
    filter_: Annotated[
        list[str] | None, _filter("Replace all filters with this one; repeat for more")
    ] = None
    add_filter: Annotated[
        list[str] | None, _filter("Deliver events of TYPE only if the Okta expression is true")
    ] = None
    remove_filter: Annotated[
        list[str] | None, _event_type("Remove filters: deliver every event of the types")
    ] = None


@command(
    *("org", "add_event", "remove_event", "event", "url", "name", "description"),
    Panel("Headers", ("add_header", "remove_header", "header")),
    Panel("Filters (Early Access)", ("add_filter", "remove_filter", "filter_")),
    Panel("Verification", ("no_verify", "wait")),
    SECRET,
)
async def edit(
    ctx: Context,
    hook: HookArgument,
    flags: EditFlags,
    no_verify: Annotated[bool, Flag("Do not verify the hook again now")] = False,
) -> None:
    """Change an event hook, and verify it again if Okta requires it.

    okhook hooks edit my-hook --add-event user.session.start
    okhook hooks edit my-hook --url https://example.com/okta
    okhook hooks edit my-hook --add-header 'X-Stage: dev'

    If the hook has a secret, pass it with every change: Okta does not return secrets, and
    replaces the hook as a whole.
    """
    from okhook.cli.hooks.edit_run import edit_and_show

    await edit_and_show(ctx, hook, flags, verify=not no_verify)

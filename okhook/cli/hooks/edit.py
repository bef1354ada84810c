"""``okhook hooks edit``: change an event hook."""

from dataclasses import dataclass
from functools import partial

from okhook.cli.command import Panel, command, option, switch
from okhook.cli.completion import event_types
from okhook.cli.context import Context
from okhook.cli.options import SECRET, hook_argument

_event_type = partial(option, metavar="TYPE", completion=event_types, takes_names=True)
_header = partial(option, metavar="'NAME: VALUE'")
_filter = partial(option, metavar="'TYPE=EXPRESSION'")


@dataclass(frozen=True, slots=True)
class EditFlags:
    """The changes of the hook."""

    name: str | None = option("New name", metavar="NAME")
    url: str | None = option("New URL", metavar="URL")
    description: str | None = option("New description; '' removes it", may_be_empty=True)
    event: list[str] | None = _event_type("Replace all event types with these")
    add_event: list[str] | None = _event_type("Add event types")
    remove_event: list[str] | None = _event_type("Remove event types and their filters")
    header: list[str] | None = _header("Replace all headers with this one; repeat for more")
    add_header: list[str] | None = _header("Add a header, or change its value; repeat for more")
    remove_header: list[str] | None = _header("Remove headers", metavar="NAME", takes_names=True)
    filter_: list[str] | None = _filter("Replace all filters with this one; repeat for more")
    add_filter: list[str] | None = _filter(
        "Deliver events of TYPE only if the Okta expression is true"
    )
    remove_filter: list[str] | None = _event_type(
        "Remove filters: deliver every event of the types"
    )


@command(
    "org add_event remove_event event url name description",
    Panel("Headers", "add_header remove_header header"),
    Panel("Filters (Early Access)", "add_filter remove_filter filter_"),
    Panel("Verification", "no_verify wait"),
    SECRET,
)
async def edit(
    ctx: Context,
    flags: EditFlags,
    hook: str = hook_argument(),
    no_verify: bool = switch("Do not verify the hook again now"),
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

"""``okhook hooks edit``: change a hook that is there."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command
from okhook.cli.completion import event_types_starting_with
from okhook.cli.context import Context
from okhook.cli.options import SECRET, HookArgument
from okhook.config.setting import Flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from okhook.okta.event_hooks import HeaderPairs
    from okhook.okta.hook_edit import HookEdit

_FILTERS = "Filters (Early Access)"

_event_type = partial(
    Flag, metavar="TYPE", completion=event_types_starting_with, panel="Event types"
)
_header = partial(Flag, metavar="'NAME: VALUE'", panel="Headers")
_filter = partial(Flag, metavar="'TYPE=EXPRESSION'", panel=_FILTERS)


@dataclass(frozen=True, slots=True)
class EditFlags:
    """What of the hook is changed."""

    name: Annotated[str | None, Flag("Its new name.")] = None
    url: Annotated[str | None, Flag("URL that the org calls.")] = None
    description: Annotated[str | None, Flag("Its description; '' takes it away.")] = None
    event: Annotated[
        list[str] | None,
        _event_type("Event type to subscribe to, in place of all; repeat it for more."),
    ] = None
    add_event: Annotated[list[str] | None, _event_type("Event type to subscribe to as well.")] = (
        None
    )
    remove_event: Annotated[
        list[str] | None, _event_type("Event type to give up, with its filter.")
    ] = None
    header: Annotated[
        list[str] | None, _header("Header of every call, in place of all; repeat it for more.")
    ] = None
    add_header: Annotated[
        list[str] | None, _header("Header to send as well, or with another value.")
    ] = None
    remove_header: Annotated[
        list[str] | None, _header("Header to send no longer.", metavar="NAME")
    ] = None
    filter_: Annotated[
        list[str] | None,
        _filter(
            "Deliver events of that type only where the expression holds; in place of all"
            " filters, repeat it for more."
        ),
    ] = None
    add_filter: Annotated[
        list[str] | None, _filter("The same, beside the filters of other types.")
    ] = None
    remove_filter: Annotated[
        list[str] | None, _event_type("Deliver every event of that type.", panel=_FILTERS)
    ] = None


@command("org", "flags", *SECRET, "no_verify", "wait")
def edit(
    ctx: Context,
    hook: HookArgument,
    flags: EditFlags,
    no_verify: Annotated[bool, Flag("Leave the verification for later.")] = False,
) -> None:
    """Change an event hook, and have it verified again where Okta wants that.

    Okta never gives a secret back, so a hook that has one needs it for every change.
    """
    import anyio

    from okhook.cli.hooks.edit_run import edit_and_show

    anyio.run(edit_and_show, ctx, hook, _edit(flags), not no_verify)


def _edit(flags: EditFlags) -> "HookEdit":
    from okhook.okta.hook_edit import HookEdit, ListEdit
    from okhook.okta.spelling import filters_of, headers_of

    def events(spelled: list[str], _flag: str) -> "HeaderPairs":
        return tuple((event_type, "") for event_type in spelled)

    def edited(
        word: str,
        read: "Callable[[list[str], str], HeaderPairs]",
        whole: list[str] | None,
        added: list[str] | None,
        removed: list[str] | None,
    ) -> ListEdit:
        return ListEdit(
            all=None if whole is None else read(whole, f"--{word}"),
            add=read(added or [], f"--add-{word}"),
            remove=tuple(removed or ()),
        )

    return HookEdit(
        flags.name,
        flags.url,
        flags.description,
        edited("event", events, flags.event, flags.add_event, flags.remove_event),
        edited("header", headers_of, flags.header, flags.add_header, flags.remove_header),
        edited("filter", filters_of, flags.filter_, flags.add_filter, flags.remove_filter),
    )

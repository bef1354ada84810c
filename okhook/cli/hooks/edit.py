"""``okhook hooks edit``: change a hook that is there."""

from typing import TYPE_CHECKING, Annotated

import typer

from okhook.cli.hook_arguments import HookArgument, event_types_starting_with
from okhook.cli.hook_options import OrgOption, WaitOption
from okhook.cli.options import (
    AuthFieldOption,
    AuthSecretFileOption,
    AuthSecretOption,
    BasicAuthOption,
    OutputOption,
    QuietOption,
)

if TYPE_CHECKING:
    from okhook.okta.hook_edit import HookEdit

_EVENTS = "Event types"
_HEADERS = "Headers"
_FILTERS = "Filters (Early Access)"

_HEADER = "'NAME: VALUE'"
_FILTER = "'TYPE=EXPRESSION'"


def edit(
    hook: HookArgument,
    org: OrgOption = None,
    name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="URL that the org calls.")] = None,
    description: Annotated[
        str | None, typer.Option("--description", help="Its description; '' takes it away.")
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(
            "--event",
            metavar="TYPE",
            help="Event type to subscribe to, in place of all; repeat it for more.",
            autocompletion=event_types_starting_with,
            rich_help_panel=_EVENTS,
        ),
    ] = None,
    add_event: Annotated[
        list[str] | None,
        typer.Option(
            "--add-event",
            metavar="TYPE",
            help="Event type to subscribe to as well.",
            autocompletion=event_types_starting_with,
            rich_help_panel=_EVENTS,
        ),
    ] = None,
    remove_event: Annotated[
        list[str] | None,
        typer.Option(
            "--remove-event",
            metavar="TYPE",
            help="Event type to give up, with its filter.",
            autocompletion=event_types_starting_with,
            rich_help_panel=_EVENTS,
        ),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            metavar=_HEADER,
            help="Header of every call, in place of all; repeat it for more.",
            rich_help_panel=_HEADERS,
        ),
    ] = None,
    add_header: Annotated[
        list[str] | None,
        typer.Option(
            "--add-header",
            metavar=_HEADER,
            help="Header to send as well, or with another value.",
            rich_help_panel=_HEADERS,
        ),
    ] = None,
    remove_header: Annotated[
        list[str] | None,
        typer.Option(
            "--remove-header",
            metavar="NAME",
            help="Header to send no longer.",
            rich_help_panel=_HEADERS,
        ),
    ] = None,
    filter_: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar=_FILTER,
            help="Deliver events of that type only where the expression holds; in place of all"
            " filters, repeat it for more.",
            rich_help_panel=_FILTERS,
        ),
    ] = None,
    add_filter: Annotated[
        list[str] | None,
        typer.Option(
            "--add-filter",
            metavar=_FILTER,
            help="The same, beside the filters of other types.",
            rich_help_panel=_FILTERS,
        ),
    ] = None,
    remove_filter: Annotated[
        list[str] | None,
        typer.Option(
            "--remove-filter",
            metavar="TYPE",
            help="Deliver every event of that type.",
            autocompletion=event_types_starting_with,
            rich_help_panel=_FILTERS,
        ),
    ] = None,
    auth_field: AuthFieldOption = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help="Leave the verification for later.")
    ] = False,
    wait: WaitOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Change an event hook, and have it verified again where Okta wants that.

    Okta never gives a secret back, so a hook that has one needs it for every change.
    """
    import anyio

    from okhook.cli.context import start
    from okhook.cli.hooks.edit_run import HookEditing, edit_and_show

    ctx = start(
        {
            "org": org,
            "auth_field": auth_field,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "wait": wait,
            "output": output,
            "quiet": quiet,
        }
    )
    lists = {
        "event": (event, add_event, remove_event),
        "header": (header, add_header, remove_header),
        "filter": (filter_, add_filter, remove_filter),
    }
    change = _edit(name, url, description, lists)
    anyio.run(edit_and_show, ctx, HookEditing(hook, change, verify=not no_verify))


_Given = list[str] | None


def _edit(
    name: str | None,
    url: str | None,
    description: str | None,
    lists: dict[str, tuple[_Given, _Given, _Given]],
) -> "HookEdit":
    from okhook.okta.hook_edit import HookEdit, ListEdit
    from okhook.okta.spelling import events_of, filters_of, headers_of

    spellings = {
        "event": lambda spelled, _: events_of(spelled),
        "header": headers_of,
        "filter": filters_of,
    }
    edits = {
        word: ListEdit(
            all=None if whole is None else spellings[word](whole, f"--{word}"),
            add=spellings[word](added or (), f"--add-{word}"),
            remove=tuple(removed or ()),
        )
        for word, (whole, added, removed) in lists.items()
    }
    return HookEdit(name, url, description, edits["event"], edits["header"], edits["filter"])

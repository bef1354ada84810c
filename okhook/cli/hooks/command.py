"""``okhook hooks``: list, verify, change and delete the event hooks of an org."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated

from okhook.cli.command import Argument, Panel, command, flag
from okhook.cli.completion import hooks_starting_with
from okhook.cli.context import Context
from okhook.cli.options import SECRET, HookArgument, ToFileOption, YesOption
from okhook.config.setting import Flag
from okhook.wire.event_types import starting_with

_event_type = partial(Flag, metavar="TYPE", completion=starting_with, takes_names=True)
_header = partial(Flag, metavar="'NAME: VALUE'")
_filter = partial(Flag, metavar="'TYPE=EXPRESSION'")
_SECRET = Panel("Secret", ("auth_secret_file", "auth_secret", "basic_auth"))


class Format(StrEnum):
    """The language of the file that ``hooks export`` writes."""

    TOML = "toml"
    TERRAFORM = "terraform"


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


@command("org")
async def list_(ctx: Context) -> None:
    """List the event hooks of an org and their status.

    okhook hooks list  # of the org that is set
    okhook hooks list --org dev-123.okta.com --output json
    """
    from okhook.cli.hooks.run import list_and_show

    await list_and_show(ctx)


@command("org")
async def show(ctx: Context, hook: HookArgument) -> None:
    """Show an event hook in full.

    okhook hooks show my-hook                             # by its name
    okhook hooks show who8vt36qfNpCGz9H1e6 --output json  # Okta's own JSON
    """
    from okhook.cli.hooks.run import show_in_full

    await show_in_full(ctx, hook)


@command(
    "org",
    flag(
        "url",
        help="The hook's URL, if it is yours: okhook sends it a test delivery with the secret",
        shown_default="the running tunnel's",
    ),
    "wait",
    _SECRET,
)
async def verify(ctx: Context, hook: HookArgument) -> None:
    """Ask the org to verify an event hook.

    okhook hooks verify my-hook
    okhook hooks verify my-hook --wait 2m  # retry for two minutes

    If the org cannot verify it, okhook makes the same request and shows which step fails.
    """
    from okhook.cli.hooks.run import verify_and_show

    await verify_and_show(ctx, hook)


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
    from okhook.cli.hooks.edit import edit_and_show

    await edit_and_show(ctx, hook, flags, verify=not no_verify)


@command("org")
async def activate(ctx: Context, hook: HookArgument) -> None:
    """Activate an event hook: the org starts delivering to it.

    okhook hooks activate my-hook
    okhook hooks activate my-hook --org dev-123.okta.com
    """
    from okhook.cli.hooks.run import activate_and_show

    await activate_and_show(ctx, hook)


@command("org")
async def deactivate(ctx: Context, hook: HookArgument) -> None:
    """Deactivate an event hook: the org stops delivering to it.

    okhook hooks deactivate my-hook
    okhook hooks deactivate my-hook --org dev-123.okta.com
    """
    from okhook.cli.hooks.run import deactivate_and_show

    await deactivate_and_show(ctx, hook)


@command("org", "yes")
def delete(ctx: Context, hook: HookArgument, yes: YesOption = False) -> None:
    """Deactivate an event hook, then delete it for good.

    okhook hooks delete my-hook        # asks for confirmation
    okhook hooks delete my-hook --yes  # does not ask
    """
    from okhook.cli.hooks.run import delete_and_show

    delete_and_show(ctx, hook, ask=not yes)


@command("org", "format_", "to_file")
async def export(
    ctx: Context,
    hooks: Annotated[
        list[str] | None,
        Argument(
            "The hooks, by their ids or names; all hooks of the org if you name none",
            metavar="HOOK",
            completion=hooks_starting_with,
        ),
    ] = None,
    format_: Annotated[
        Format, Flag("TOML for `okhook hooks apply`, or resources of Okta's Terraform provider")
    ] = Format.TOML,
    to_file: ToFileOption = None,
) -> None:
    """Write event hooks as a TOML file or as Terraform.

    okhook hooks export > hooks.toml
    okhook hooks export my-hook --format terraform > my_hook.tf

    The file has no secrets, only the variables that hold them.
    """
    from okhook.cli.hooks.run import export_and_show

    await export_and_show(ctx, hooks or [], format_, to_file)


@command(*("org", "dry_run", "prune", "yes"), Panel("Verification", ("no_verify", "wait")), _SECRET)
def apply(
    ctx: Context,
    file: Annotated[str, Argument("A TOML file, as `okhook hooks export` writes it", "FILE")],
    dry_run: Annotated[
        bool, Flag("Only show the plan; exit with code 2 if something would change")
    ] = False,
    prune: Annotated[bool, Flag("Delete the org's hooks that are not in the file")] = False,
    yes: YesOption = False,
    no_verify: Annotated[bool, Flag("Do not verify the hooks now")] = False,
) -> None:
    """Create and change the hooks of an org as a file describes.

    okhook hooks apply hooks.toml --dry-run
    okhook hooks apply hooks.toml --org dev-123.okta.com
    okhook hooks apply hooks.toml --prune  # asks for confirmation

    Shows the plan, asks for confirmation, and carries it out with as few changes as possible. If it
    fails half-way, run it again.
    """
    from okhook.cli.hooks.apply import apply_and_show

    apply_and_show(ctx, file, dry_run=dry_run, prune=prune, verify=not no_verify, ask=not yes)

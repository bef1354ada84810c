"""``okhook hooks export``: write event hooks as a file."""

from enum import StrEnum
from typing import Annotated

from okhook.cli.command import Argument, command
from okhook.cli.completion import known_hooks
from okhook.cli.context import Context
from okhook.cli.options import ToFileOption
from okhook.config.setting import Flag


class Format(StrEnum):
    """The language of the file that ``hooks export`` writes."""

    TOML = "toml"
    TERRAFORM = "terraform"


@command("org", "format_", "to_file")
async def export(
    ctx: Context,
    hooks: Annotated[
        list[str] | None,
        Argument(
            "The hooks, by their ids or names; all hooks of the org if you name none",
            metavar="HOOK",
            completion=known_hooks,
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

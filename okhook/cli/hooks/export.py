"""``okhook hooks export``: write event hooks as a file."""

from enum import StrEnum

from okhook.cli.command import argument, command, option
from okhook.cli.completion import known_hooks
from okhook.cli.context import Context
from okhook.cli.options import to_file_option


class Format(StrEnum):
    """The language of the file that ``hooks export`` writes."""

    TOML = "toml"
    TERRAFORM = "terraform"


@command("org format_ to_file")
async def export(
    ctx: Context,
    hooks: list[str] | None = argument(
        "The hooks, by their ids or names; all hooks of the org if you name none",
        metavar="HOOK",
        completion=known_hooks,
        default=None,
    ),
    format_: Format = option(
        "TOML for `okhook hooks apply`, or resources of Okta's Terraform provider",
        default=Format.TOML,
    ),
    to_file: str | None = to_file_option(),
) -> None:
    """Write event hooks as a TOML file or as Terraform.

    okhook hooks export > hooks.toml
    okhook hooks export my-hook --format terraform > my_hook.tf

    The file has no secrets, only the variables that hold them.
    """
    from okhook.cli.hooks.export_run import export_and_show

    await export_and_show(ctx, hooks or [], format_, to_file)

"""``okhook deliveries export``: deliveries as JSON lines, to use or to share elsewhere."""

from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command
from okhook.cli.record_options import ListFilterFlags
from okhook.config.setting import Flag

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command()
def export(
    ctx: "Context",
    wanted: ListFilterFlags,
    redact: Annotated[
        bool,
        Flag(
            "Put stand-ins for names, logins, ids, addresses and places, the same one for the"
            " same original; leave out secrets and answers."
        ),
    ] = False,
    to_file: Annotated[
        str | None,
        Flag(
            "Write that file, readable by you alone; it is there whole or not at all.",
            metavar="FILE",
            shown_default="stdout",
        ),
    ] = None,
) -> None:
    """Write deliveries as JSON lines, oldest first, for `okhook replay --file` or another tool."""
    from okhook.cli.deliveries.export_run import export_to_file, export_to_stdout
    from okhook.export.format import exported
    from okhook.export.redaction import Redactor

    line_of = Redactor().exported if redact else exported
    if to_file is None:
        export_to_stdout(ctx, wanted, line_of)
    else:
        export_to_file(ctx, wanted, line_of, to_file)

"""``okhook deliveries export``: deliveries as JSON lines, to use or to share elsewhere."""

from typing import Annotated

import typer

from okhook.cli.filter_options import (
    EventsOption,
    EverythingOption,
    FilterFlags,
    SinceOption,
    StatusOption,
    UntilOption,
    UserOption,
)
from okhook.cli.options import OutputOption, QuietOption


def export(
    event: EventsOption = None,
    user: UserOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    status: StatusOption = None,
    everything: EverythingOption = False,
    redact: Annotated[
        bool,
        typer.Option(
            "--redact",
            help="Put stand-ins for names, logins, ids, addresses and places, the same one for the"
            " same original; leave out secrets and answers.",
        ),
    ] = False,
    to_file: Annotated[
        str | None,
        typer.Option(
            "--to-file",
            metavar="FILE",
            help="Write that file, readable by you alone; it is there whole or not at all.",
            show_default="stdout",
        ),
    ] = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Write deliveries as JSON lines, oldest first, for `okhook replay --file` or another tool."""
    from okhook.cli.context import start
    from okhook.cli.deliveries.export_run import export_to_file, export_to_stdout
    from okhook.export.format import exported
    from okhook.export.redaction import Redactor

    ctx = start({"output": output, "quiet": quiet})
    flags = FilterFlags(event, user, since, until, status, everything)
    line_of = Redactor().exported if redact else exported
    if to_file is None:
        export_to_stdout(ctx, flags, line_of)
    else:
        export_to_file(ctx, flags, line_of, to_file)

"""``okhook deliveries export``: write deliveries as JSON lines."""

from typing import Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import STORE, ToFileOption
from okhook.cli.record_options import LIST_FILTERS, ListFilterFlags
from okhook.config.setting import Flag


@command("to_file", "redact", LIST_FILTERS, STORE)
def export(
    ctx: Context,
    wanted: ListFilterFlags,
    redact: Annotated[
        bool,
        Flag(
            "Replace names, logins, ids, addresses and places with placeholders, and leave"
            " out secrets and responses"
        ),
    ] = False,
    to_file: ToFileOption = None,
) -> None:
    """Write deliveries as JSON lines, for `okhook replay --file`.

    okhook deliveries export --to-file all.jsonl
    okhook deliveries export --redact --status failed > failed.jsonl  # to share
    okhook deliveries export --since 7d --event user.session.start
    """
    from okhook.cli.deliveries.run import export_records

    export_records(ctx, wanted, redact=redact, to_file=to_file)

"""``okhook deliveries export``: write deliveries as JSON lines."""

from okhook.cli.command import command, switch
from okhook.cli.context import Context
from okhook.cli.options import STORE, to_file_option
from okhook.cli.record_options import LIST_FILTERS, ListFilterFlags


@command("to_file redact", LIST_FILTERS, STORE)
def export(
    ctx: Context,
    wanted: ListFilterFlags,
    redact: bool = switch(
        "Replace names, logins, ids, addresses and places with placeholders, and leave"
        " out secrets and responses"
    ),
    to_file: str | None = to_file_option(),
) -> None:
    """Write deliveries as JSON lines, for `okhook replay --file`.

    okhook deliveries export --to-file all.jsonl
    okhook deliveries export --redact --status failed > failed.jsonl  # to share
    okhook deliveries export --since 7d --event user.session.start
    """
    from okhook.cli.deliveries.export_run import export_records

    export_records(ctx, wanted, redact=redact, to_file=to_file)

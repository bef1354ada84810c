"""How a record is named on a command line: by id, ``eventId`` or uuid, completed in the shell."""

from typing import Annotated

import typer

_MOST_OFFERED = 50
_LOOKED_AT = 200

DEFAULT_LIMIT = 20


def ids_starting_with(incomplete: str) -> list[str]:
    """Return ids of the latest deliveries that start so; none where the store cannot be read."""
    import contextlib
    import os

    from okhook.config.paths import state_directory, store_file
    from okhook.errors import StoreFailed
    from okhook.records.filter import RecordFilter
    from okhook.store.open import open_reader

    ids: dict[str, None] = {}
    with (
        contextlib.suppress(StoreFailed, OSError),
        open_reader(store_file(state_directory(os.environ))) as reader,
    ):
        for found in reader.find(RecordFilter(), limit=_LOOKED_AT):
            record = found.record
            ids |= dict.fromkeys(filter(None, (str(record.seq), record.delivery.event_id)))
    return [each for each in ids if each.startswith(incomplete)][:_MOST_OFFERED]


IdArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="Its number, its eventId, or an event's uuid.",
        autocompletion=ids_starting_with,
        show_default=False,
    ),
]
BeforeOption = Annotated[
    int | None,
    typer.Option("--before", metavar="ID", min=1, help="The page that ends before that record."),
]
LimitOption = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=100_000, help="Records on a page.")
]

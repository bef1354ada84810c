"""What a command has kept, read as anyone would who comes after it."""

from pathlib import Path

from okhook.records.record import Record
from okhook.store.open import open_reader


def kept_in(home: Path) -> list[Record]:
    """Return the records in the store of a home that was given to ``okhook_process``."""
    with open_reader(home / "state" / "store.db") as reader:
        reader.catch_up(lambda _: None)
        return [found.record for found in reader.after(0, 1_000_000)]

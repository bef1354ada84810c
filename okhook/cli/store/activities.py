"""What ``okhook store`` shows."""

from dataclasses import dataclass
from typing import Annotated

from okhook.activity import Activity
from okhook.wire.url import WITHOUT_CREDENTIALS


@dataclass(frozen=True, slots=True)
class TargetShown:
    """An app, and its ``cursor``: a ``seq``.

    okhook has tried to forward each delivery of ``receiver`` up to the cursor, or skipped it. The
    app may not have accepted it.
    """

    url: Annotated[str, WITHOUT_CREDENTIALS]
    receiver: str | None
    cursor: int


class StoreShown(Activity):
    """Where deliveries are stored, and for whom. ``records`` is None if they are too many."""

    type = "store"
    store: str
    schema: int
    records: int | None
    newest: int
    size_bytes: int | None
    receivers: tuple[str, ...]
    targets: tuple[TargetShown, ...]


class StoreMigrated(Activity):
    """A store has schema ``version``; ``before`` it had another, 0 if there was none."""

    type = "store_migrated"
    store: str
    before: int
    version: int


class StoreCopied(Activity):
    """Records and attempts were copied; ``resumed`` if an earlier run had begun."""

    type = "store_copied"
    json_fields = "from=source to=target records attempts resumed"
    source: str
    target: str
    records: int
    attempts: int
    resumed: bool

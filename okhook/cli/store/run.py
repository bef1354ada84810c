"""Run ``okhook store``: show a store, migrate it, copy it."""

from collections.abc import Iterator

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.cli.views.lines import labelled, shown_url
from okhook.config.setting import Setting
from okhook.config.store_location import StoreLocation, read_store_location
from okhook.errors import InvalidInput, NoStore, StoreFailed
from okhook.quantities import shown_size
from okhook.records.attempt import Target
from okhook.runtime.ids import utc_now
from okhook.store.copying import copy_store
from okhook.store.open import (
    copy_source,
    copy_target,
    migrate,
    open_reader,
    schema_of,
    store_health,
)
from okhook.text import counted, plain

_MIGRATE = "run `okhook store migrate`"
_CHECKED_WITHIN_S = 5.0
_LABEL_WIDTH = 11


class StoreShown(Activity):
    """Where deliveries are stored, and for whom. ``records`` is None if they are too many."""

    type = "store"
    store: str
    schema: int
    records: int | None
    newest: int
    size_bytes: int | None
    receivers: tuple[str, ...]
    targets: tuple[Target, ...]


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


def show_store(ctx: Context) -> None:
    """Show the store, without changing it."""
    where, schema = ctx.store, schema_of(ctx.store)
    if not schema.version:
        raise NoStore(
            f"found no store at {where}", next_step=f"{_MIGRATE}, or start `okhook serve`"
        )
    if schema.version < schema.current:
        raise StoreFailed(
            f"the store {where} has schema version {schema.version},"
            f" and this okhook uses {schema.current}",
            next_step=_MIGRATE,
        )
    health = store_health(where, within_s=_CHECKED_WITHIN_S, now=utc_now())
    with open_reader(where) as reader:
        shown = StoreShown(
            store=str(where),
            schema=schema.version,
            records=None if health is None else health.records,
            newest=reader.last_seq(),
            size_bytes=None if health is None else health.size_bytes,
            receivers=tuple(reader.receivers()),
            targets=tuple(reader.targets()),
        )
    ctx.console.show(shown, _shown)


def migrate_and_show(ctx: Context) -> None:
    """Create or migrate the store, and show from which version to which."""
    before = schema_of(ctx.store)
    if before.version != before.current:
        migrate(ctx.store)
    migrated = StoreMigrated(str(ctx.store), before.version, schema_of(ctx.store).version)
    ctx.console.show(migrated, _migrated)


def copy_and_show(ctx: Context, source: str, target: str) -> None:
    """Copy one store into another, and show how much was copied."""
    from_, to = _location("FROM", source), _location("TO", target)
    if str(from_) == str(to):
        raise InvalidInput("FROM and TO are the same store")
    console = ctx.console
    try:
        with open_reader(from_) as reader:
            if left := reader.catch_up(lambda left: console.wait_for(f"indexing {left} records")):
                raise StoreFailed(f"could not index {left} records of {from_}")
    except NoStore as error:
        raise NoStore(error.what, next_step="check FROM, the store to copy") from None

    def index() -> None:
        with open_reader(to) as reader:
            reader.catch_up(lambda left: console.wait_for(f"indexing the copy: {left} records"))

    try:
        with copy_source(from_) as rows, copy_target(to) as filled:
            copied = copy_store(
                rows,
                filled,
                named=(str(from_), str(to)),
                index=index,
                report=lambda done, total: console.wait_for(f"copying  {done} of {total}"),
            )
    finally:
        console.stop_waiting()
    shown = StoreCopied(
        str(from_), str(to), copied.records, copied.attempts, resumed=copied.resumed
    )
    console.show(shown, _copied)


def _location(named: str, text: str) -> StoreLocation:
    """Return the location in an argument, where a password could be read as in a flag."""
    try:
        return read_store_location(Setting(text, f"--{named}"))
    except InvalidInput as error:
        raise InvalidInput(
            error.what.replace(f"--{named}", named), why=error.why, next_step=error.next_step
        ) from None


def _shown(shown: StoreShown) -> Iterator[Text]:
    size = "" if shown.size_bytes is None else f", {shown_size(shown.size_bytes)}"
    records = "too many to count" if shown.records is None else f"{shown.records:,}"
    newest = f", the newest is {shown.newest}" if shown.newest else ""
    facts = [
        ("store", shown.store),
        ("schema", f"version {shown.schema}"),
        ("records", f"{records}{newest}{size}"),
        *(("receiver", name) for name in shown.receivers),
        *(
            ("app", f"{shown_url(each.url)}  tried up to delivery {each.cursor}{_of(each)}")
            for each in shown.targets
        ),
    ]
    for label, text in facts:
        yield labelled(label, plain(text), width=_LABEL_WIDTH)


def _of(target: Target) -> str:
    return "" if target.receiver is None else f", of receiver {target.receiver}"


def _migrated(migrated: StoreMigrated) -> Iterator[Text]:
    done = ": created," if not migrated.before else f": migrated from version {migrated.before},"
    if migrated.before == migrated.version:
        done = " is up to date:"
    yield Text(f"{plain(migrated.store)}{done} version {migrated.version}")


def _copied(copied: StoreCopied) -> Iterator[Text]:
    records = counted(copied.records, "more record" if copied.resumed else "record")
    attempts = counted(copied.attempts, "attempt")
    yield Text(plain(f"copied {records} and {attempts} from {copied.source} to {copied.target}"))

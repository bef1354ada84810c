"""Draw a store: where it is, whom it serves, and what was done to it."""

from collections.abc import Iterator

from rich.text import Text

from okhook.cli.store.activities import StoreCopied, StoreMigrated, StoreShown, TargetShown
from okhook.cli.views.lines import drawing, labelled, shown_url
from okhook.text import counted, plain

_WIDTH = 11


def _shown(shown: StoreShown) -> Iterator[Text]:
    size = "" if shown.size_bytes is None else f", {shown.size_bytes / 1e6:.1f} MB"
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
        yield labelled(label, plain(text), width=_WIDTH)


def _of(target: TargetShown) -> str:
    return "" if target.receiver is None else f", of receiver {target.receiver}"


def _migrated(migrated: StoreMigrated) -> Iterator[Text]:
    done = ": created," if not migrated.before else f": migrated from version {migrated.before},"
    if migrated.before == migrated.version:
        done = " is up to date:"
    yield Text(f"{migrated.store}{done} version {migrated.version}")


def _copied(copied: StoreCopied) -> Iterator[Text]:
    records = counted(copied.records, "more record" if copied.resumed else "record")
    attempts = counted(copied.attempts, "attempt")
    yield Text(f"copied {records} and {attempts} from {copied.source} to {copied.target}")


render_store = drawing({StoreShown: _shown, StoreMigrated: _migrated, StoreCopied: _copied})

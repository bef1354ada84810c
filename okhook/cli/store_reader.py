"""Open the store to read it, and find records by an id or a receiver's name."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from okhook.cli.context import Context
from okhook.errors import AnswerIsNo, InvalidInput, NoStore
from okhook.records.record import Found, RecordFilter, RecordStatus
from okhook.store.contract import Reader
from okhook.store.open import open_reader
from okhook.text import plain

_SHOWN_ABOVE = 1000
"""Indexing this many records takes a tenth of a second."""


@contextmanager
def opened_reader(ctx: Context) -> Iterator[Reader]:
    """Yield a reader as :func:`indexed_reader` does; ``NoStore`` names a running receiver's."""
    try:
        with indexed_reader(ctx) as reader:
            yield reader
    except NoStore as error:
        from okhook.runtime.running_here import running_here

        for receiver in running_here(ctx.run_directory).receivers:
            if receiver.store is not None:
                error.why = f"the receiver at {receiver.url} stores in {receiver.store}"
                error.next_step = f"pass --store {shlex.quote(receiver.store)}"
        raise


@contextmanager
def indexed_reader(ctx: Context) -> Iterator[Reader]:
    """Yield a reader of the store, after its index is complete."""
    console = ctx.console

    def show_progress(left: int) -> None:
        if left > _SHOWN_ABOVE:
            console.wait_for(f"indexing {left} records")

    with open_reader(ctx.store) as reader:
        left = reader.catch_up(show_progress)
        console.stop_waiting()
        if left:
            console.note(f"skipped the {left} newest deliveries: they are not indexed yet")
        yield reader


def receiver_called(ctx: Context, reader: Reader, text: str | None) -> str | None:
    """Return the receiver's name for ``text``: its name, its port, or how only its name begins.

    Raises InvalidInput if several names begin so. A name that no receiver has stays as it is.
    """
    names = reader.receivers()
    if text is None or text in names:
        return text
    from okhook.runtime.run_files import ReceiverRun

    running = ctx.run_directory.running(ReceiverRun)
    at_port = {run.receiver for run in running if str(run.port) == text}
    at_port |= {name for name in names if name.partition("/")[0] == text}
    found = [name for name in names if name in at_port]
    found = found or [name for name in names if name.startswith(text)]
    if len(found) > 1:
        raise InvalidInput(
            f"several receivers match --receiver {plain(text, limit=80)}",
            why="\n".join(map(plain, found)),
            next_step="pass the whole name of one",
        )
    return found[0] if found else text


def identified(reader: Reader, text: str) -> list[Found]:
    """Return the records of an id, or none; of ``latest``, the newest delivery."""
    if text != "latest":
        return reader.identified(text)
    accepted = frozenset(RecordStatus) - {RecordStatus.REFUSED, RecordStatus.MALFORMED}
    return reader.find(RecordFilter(statuses=accepted), limit=1)


def records_named(reader: Reader, text: str) -> list[Found]:
    """Return the records of an id, in order of arrival; of ``latest``, the newest delivery."""
    found = identified(reader, text)
    if not found:
        raise AnswerIsNo(
            f"delivery {text} was not found",
            next_step="list the deliveries with `okhook deliveries list`",
        )
    return found

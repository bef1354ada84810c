"""The live stream: what changed in the store since a page last looked, as server-sent events.

The store is the truth, and the stream only says what changed in it. A receiver in the same process
tells when to look; what another process stores is seen a moment later. A page that slept goes on
from the ``seq`` that it names. One that is far behind is told to read the list again.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import anyio
import orjson
from anyio import to_thread

from okhook.inspector.records import as_listed, kept
from okhook.json_form import JsonObject
from okhook.runtime.hub import Subscription
from okhook.store.contract import Reader

LOOK_S = 0.1
"""How often to look at the store unasked, and the time between frames: at most ten a second."""

_PING_S = 15.0
_MOST = 200
"""If more records changed, the page reads the list instead."""


@dataclass(frozen=True, slots=True)
class Position:
    """What a page has seen: the records up to ``seq``, and the attempts up to ``attempt``."""

    seq: int
    attempt: int


def position_after(reader: Reader, seq: int | None) -> Position:
    """Return the position of a page that has seen ``seq``; without one, the newest."""
    newest, _ = reader.tried_after(0, 0)
    return Position(reader.last_seq() if seq is None else seq, newest)


def changes_since(reader: Reader, seen: Position) -> tuple[Position, list[JsonObject] | None]:
    """Return new records, and older ones that were sent to an app; None if these are too many."""
    attempt, tried = reader.tried_after(seen.attempt, _MOST + 1)
    # A page that has seen more than there is looks at a store that was removed since.
    if not 0 <= reader.last_seq() - seen.seq <= _MOST or len(tried) > _MOST:
        return position_after(reader, None), None
    new = reader.after(seen.seq, _MOST)
    known = {each.record.seq for each in new}
    older = [kept(reader, seq) for seq in tried if seq not in known]
    changed = [*(each for each in older if each is not None), *new]
    seq = new[-1].record.seq if new else seen.seq
    return Position(seq, attempt), as_listed(reader, changed)


async def frames(
    reader: Reader, seq: int | None, ending: anyio.Event, news: Subscription
) -> AsyncIterator[bytes]:
    """Yield frames until ``ending``: ``hello``, ``records``, ``behind``, and pings.

    If all was quiet, the first frame goes out as soon as there are ``news``.
    """
    seen = await to_thread.run_sync(position_after, reader, seq)
    yield frame("hello", {"seq": seen.seq}, seen.seq)
    spoke_at = anyio.current_time()
    while not ending.is_set():
        seen, records = await to_thread.run_sync(changes_since, reader, seen)
        if records is None:
            yield frame("behind", {"seq": seen.seq}, seen.seq)
        elif records:
            yield frame("records", records, seen.seq)
        elif anyio.current_time() - spoke_at > _PING_S:
            yield b": nothing new\n\n"
        else:
            with anyio.move_on_after(LOOK_S):
                await news.batch()
            continue
        spoke_at = anyio.current_time()
        with anyio.move_on_after(LOOK_S):
            await ending.wait()


def frame(event: str, data: object, seq: int) -> bytes:
    """Return one server-sent event, whose id is ``seq``. Its data is JSON on one line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, event.encode(), orjson.dumps(data))

"""One look: where it begins, what it leaves open, and what it tells."""

from datetime import datetime

import pytest

from okhook.errors import OkhookError, Unavailable
from okhook.reconcile.activities import EventMissed
from okhook.reconcile.causes import Likely
from okhook.reconcile.cursor import Window
from okhook.reconcile.hook_history import ACTIVATED, DEACTIVATED
from okhook.runtime.uptime import Period
from tests.okta.fake_log import FakeLog, log_entry
from tests.reconcile.rig import CREATE, Redelivers, after, raw_change
from tests.reconcile.scene import GRACE, Scene, created, window

pytestmark = pytest.mark.anyio

DAY = 24 * 60


async def test_where_a_look_begins(scene: Scene) -> None:
    """A day back, or where something was left open; what is asked for counts, up to 90 days."""

    def begins(since: datetime | None = None) -> datetime:
        found = scene.cursor.window(since=since, now=after(0), grace=GRACE)
        assert (found.until, found.grace) == (after(0), GRACE)
        return found.since

    assert begins() == after(-DAY)
    scene.cursor.write(after(-60))
    assert begins() == after(-DAY)
    scene.cursor.write(after(-3 * DAY))
    assert begins() == after(-3 * DAY)
    assert begins(after(-5)) == after(-5)
    assert begins(after(-100 * DAY)) == after(-90 * DAY)
    scene.cursor.write(after(-100 * DAY))
    assert begins() == after(-90 * DAY)


async def test_where_all_came_the_next_look_begins_shortly_before(scene: Scene) -> None:
    """Late entries appear among the newest, so two runs read those."""
    scene.log.entries = [created(1, -30)]
    await scene.keep("uuid-1")
    found = await scene.look(window(-60, 0))
    assert (found.tally.total.received, found.tally.still_missed) == (1, 0)
    assert scene.cursor.read() == after(-10)


@pytest.mark.parametrize("open_at", [-30, -5])
async def test_what_is_missed_or_pending_is_looked_at_again(scene: Scene, open_at: int) -> None:
    """The next look begins with the first event that is not here, missed or on its way."""
    scene.log.entries = [created(1, -40), created(2, open_at), created(3, -2)]
    await scene.keep("uuid-1")
    await scene.look(window(-60, 0))
    begins = scene.cursor.read()
    assert begins == min(after(open_at), after(-10))
    again = await scene.look(Window(begins, after(30), GRACE))
    assert again.tally.total.missed == 2


async def test_a_look_that_began_too_late_moves_nothing(scene: Scene) -> None:
    """Nobody has read the entries between the cursor and its start."""
    scene.cursor.write(after(-120))
    await scene.look(window(-60, 0))
    assert scene.cursor.read() == after(-120)
    await scene.look(window(-120, 0))
    assert scene.cursor.read() == after(-10)


async def test_what_the_log_has_no_more_holds_the_cursor_up_no_more(scene: Scene) -> None:
    """A look at all that Okta keeps is as complete as any can be."""
    scene.cursor.write(after(-100 * DAY))
    begins = scene.cursor.window(since=None, now=after(0), grace=GRACE)
    assert begins.since == after(-90 * DAY)
    await scene.look(begins)
    assert scene.cursor.read() == after(-10)


async def test_a_receiver_that_fails_leaves_the_cursor_before_what_is_open(scene: Scene) -> None:
    """Pages that were done count; the first event that was not taken begins the next look."""
    scene.log.entries = [created(n, -200 + 20 * n) for n in range(6)]
    scene.log.most_a_page = 2
    redeliver = Redelivers(scene.take, fails_at=3)
    with pytest.raises(Unavailable):
        await scene.look(window(-300, 0), redeliver)
    assert scene.cursor.read() == after(-190)
    redeliver.fails_at = None
    found = await scene.look(window(-190, 0), redeliver)
    assert (found.tally.reconstructed, found.tally.still_missed) == (3, 0)
    assert redeliver.mended == [f"uuid-{n}" for n in range(6)]
    assert (await scene.look(window(-300, 0), redeliver)).tally.total.received == 6


async def test_a_look_back_that_fails_at_once_takes_the_cursor_back(scene: Scene) -> None:
    """An event that is known to be open is not behind the cursor, whichever page it stood on."""
    scene.cursor.write(after(-10))
    scene.log.entries = [created(1, -200)]
    with pytest.raises(Unavailable):
        await scene.look(window(-300, 0), Redelivers(scene.take, fails_at=0))
    kept = scene.cursor.read()
    assert kept is not None
    assert kept <= after(-200)


async def test_a_log_that_cannot_be_read_moves_nothing(scene: Scene) -> None:
    """Neither where the hook's history is not to be had, nor where the first page is not."""
    for calls in (0, 1, 2):
        scene.log = FakeLog([created(1, -30)], fails_from=calls)
        with pytest.raises(OkhookError):
            await scene.look(window(-60, 0))
        assert scene.cursor.read() is None


async def test_the_hooks_own_entries_tell_how_it_stood_and_what_failed(scene: Scene) -> None:
    """Its history as far back as Okta keeps it, its failures for the time that is looked at."""
    scene.periods = [Period(after(-100 * DAY), None)]
    other = raw_change(DEACTIVATED, -90 * DAY + 1)
    other["target"][0]["id"] = "whoOther"
    scene.log.entries = [
        other,
        raw_change(DEACTIVATED, -20 * DAY),
        log_entry("uuid-passed", CREATE, published=after(-50)),
        raw_change(ACTIVATED, -45),
        log_entry("uuid-missed", CREATE, published=after(-40)),
        raw_change("event_hook.delivery", -39, result="FAILURE", reason="answered 502"),
    ]
    found = await scene.look(window(-60, 0))
    assert (found.tally.passed_by, found.tally.total.missed) == (1, 1)
    (missed,) = scene.shown.activities
    assert isinstance(missed, EventMissed)
    assert missed.cause.likely is Likely.DELIVERY_FAILED
    assert missed.cause.detail.endswith("answered 502")
    everything = await scene.look(window(-60, 0), as_if_active=True)
    assert (everything.tally.passed_by, everything.tally.total.missed) == (0, 2)
    first = scene.shown.activities[1]
    assert isinstance(first, EventMissed)
    assert first.cause.likely is Likely.INACTIVE
    assert "2026-11-04 12:00:00Z" in first.cause.detail

"""Many looks: what each begins with, what is told, and what an outage costs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import CredentialsError, OkhookError, OktaRefused, StoreFailed
from okhook.okta.event_hooks import EventHook
from okhook.reconcile import watching
from okhook.reconcile.cursor import Window
from okhook.reconcile.redeliver import Redeliver
from okhook.reconcile.watching import back_off_s
from tests.okta.fake_log import log_entry
from tests.reconcile.rig import CREATE, HOOK_ID, Redelivers, a_hook, after
from tests.reconcile.scene import Scene, created, window

pytestmark = pytest.mark.anyio

Step = Callable[[], Awaitable[None] | None]
EVERY_S = 60.0


@dataclass
class Watch:
    """Looks once more than there are ``steps`` between the looks, ``minutes`` apart."""

    scene: Scene
    steps: Sequence[Step] = ()
    redeliver: Redeliver | None = None
    first: Window = field(default_factory=lambda: window(-60, 0))
    minutes: int = 10
    hook: EventHook | OkhookError = field(default_factory=a_hook)
    pauses: list[float] = field(default_factory=list)

    async def run(self) -> None:
        async with self.scene.reconciler(self.redeliver) as reconciler:
            with anyio.CancelScope() as self._scope:
                await watching.watch(
                    reconciler,
                    self.first,
                    hook=self._hook_by_then,
                    every_s=EVERY_S,
                    pause=self._pause,
                    now=lambda: after(self.minutes * len(self.pauses)),
                )
        assert len(self.pauses) == len(self.steps) + 1

    async def _hook_by_then(self) -> EventHook:
        if isinstance(self.hook, OkhookError):
            raise self.hook
        return self.hook

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) > len(self.steps):
            self._scope.cancel()
            await anyio.lowlevel.checkpoint()
        done = self.steps[len(self.pauses) - 1]()
        if done is not None:
            await done


async def watch(scene: Scene, steps: Sequence[Step], redeliver: Redeliver | None = None) -> None:
    await Watch(scene, steps, redeliver).run()


def begins(scene: Scene) -> list[str]:
    """Return when each look began, from what it asked the log last."""
    asked = [each for each in scene.log.asked if "target.id" not in each["filter"]]
    return [each["since"][11:16] for each in asked]


def nothing() -> None:
    """Let time pass."""


async def test_watching_tells_of_each_missed_event_once(scene: Scene) -> None:
    """However long it stays away; a new one is told when its time is over, with the new sum."""
    scene.log.entries = [created(1, -30)]

    def one_more() -> None:
        scene.log.entries.append(created(2, 5))

    await watch(scene, [lambda: None, one_more, lambda: None, lambda: None])
    assert scene.shown.uuids("missed") == ["uuid-1", "uuid-2"]
    assert scene.shown.count("reconciled") == 2


async def test_watching_where_nothing_is_missed_tells_the_first_sum_alone(scene: Scene) -> None:
    """A quiet org makes no lines."""
    await watch(scene, [lambda: None, lambda: None])
    assert [each.type for each in scene.shown.activities] == ["reconciled"]


async def test_watching_mends_each_once(scene: Scene) -> None:
    """The next run finds stored events in the store, and stores new ones."""
    scene.log.entries = [created(1, -30)]
    redeliver = Redelivers(scene.take)

    def one_more() -> None:
        scene.log.entries.append(created(2, -5))

    await watch(scene, [one_more, lambda: None, lambda: None], redeliver)
    assert redeliver.mended == ["uuid-1", "uuid-2"]
    assert scene.shown.uuids("reconstructed") == ["uuid-1", "uuid-2"]


async def test_watching_tells_once_what_no_receiver_takes(scene: Scene) -> None:
    """It is passed over: no look goes back to it, and one that finds it again says nothing."""
    scene.log.entries = [created(1, -30), created(2, -5)]
    redeliver = Redelivers(scene.take, never={"uuid-1", "uuid-2"})
    at_once = Window(after(-60), after(0), timedelta(0))
    await Watch(scene, [nothing, nothing], redeliver, first=at_once).run()
    assert scene.shown.uuids("not_reconstructed") == ["uuid-1", "uuid-2"]
    assert scene.shown.count("reconciled") == 1
    assert begins(scene) == ["11:00", "11:50", "12:00"]


async def test_watching_goes_on_from_where_it_came(scene: Scene) -> None:
    """Once nothing is open a look reads the last minutes, not all of the log again."""
    await watch(scene, [nothing, nothing])
    assert begins(scene) == ["11:00", "11:50", "12:00"]


async def test_watching_goes_back_to_what_is_open(scene: Scene) -> None:
    """For as long as it is; then no further than the last minutes."""
    scene.log.entries = [created(1, -30)]

    await watch(scene, [nothing, lambda: scene.keep("uuid-1"), nothing])
    assert begins(scene) == ["11:00", "11:30", "11:30", "12:10"]


async def test_watching_keeps_to_what_was_asked_for(scene: Scene) -> None:
    """A cursor that lies before --since, or late entries before it, widen no look."""
    scene.cursor.write(after(-600))
    run = Watch(scene, [nothing] * 3, first=window(-1, 0), minutes=5)
    await run.run()
    assert begins(scene) == ["11:59", "11:59", "11:59", "12:00"]
    assert scene.cursor.read() == after(-600)


async def test_an_outage_is_shown_and_outlasted(scene: Scene) -> None:
    """The wait gets longer; the first run that succeeds is shown."""
    scene.log.entries = [created(1, -30)]

    def gone() -> None:
        scene.log.fails_from = len(scene.log.asked)

    def back() -> None:
        scene.log.fails_from = None

    run = Watch(scene, [gone, nothing, nothing, back, gone, back])
    await run.run()
    assert [each.type for each in scene.shown.activities] == [
        "missed", "reconciled", "look_failed", "look_failed", "look_failed", "reconciled",
        "look_failed", "reconciled",
    ]  # fmt: skip
    assert run.pauses == [60, 60, 120, 240, 60, 60, 60]
    told = scene.shown.activities[3].to_json()
    assert told["at"] == "2026-11-24T12:20:00.000Z"
    assert "HTTP 500" in told["what"]
    assert told["wait_s"] == 120


async def test_an_outage_in_the_middle_of_a_look_loses_nothing(scene: Scene) -> None:
    """What was done is not done again, what was told is not, and the rest is looked at then."""
    scene.log.entries = [created(n, -50 + 10 * n) for n in range(4)]
    scene.log.most_a_page = 2
    scene.log.fails_from = 3
    redeliver = Redelivers(scene.take)

    def back() -> None:
        scene.log.fails_from = None

    await watch(scene, [back, nothing], redeliver)
    assert redeliver.mended == [f"uuid-{n}" for n in range(4)]
    assert scene.shown.uuids("missed") == redeliver.mended
    assert [scene.shown.count(each) for each in ("look_failed", "reconciled")] == [1, 1]
    assert begins(scene)[-2:] == ["11:10", "12:00"]


async def test_what_an_outage_interrupted_is_not_shown_again(scene: Scene) -> None:
    """Neither what the broken look had told before, nor what one before that had."""
    scene.log.entries = [created(n, -50 + 10 * n) for n in range(4)]
    scene.log.most_a_page = 2

    def breaks_off() -> None:
        scene.log.fails_from = len(scene.log.asked) + 3

    def back() -> None:
        scene.log.fails_from = None

    await watch(scene, [breaks_off, back, nothing])
    assert scene.shown.uuids("missed") == [f"uuid-{n}" for n in range(4)]


async def test_a_receiver_that_went_away_is_outlasted(scene: Scene) -> None:
    """A watch with --fix survives that what it mends through is started anew."""
    scene.log.entries = [created(1, -30)]
    redeliver = Redelivers(scene.take, fails_at=0)

    def there_again() -> None:
        redeliver.fails_at = None

    await watch(scene, [nothing, there_again, nothing], redeliver)
    assert redeliver.mended == ["uuid-1"]
    assert scene.shown.count("look_failed") == 2
    assert scene.shown.uuids("missed") == ["uuid-1"]


@pytest.mark.parametrize(
    "error", [CredentialsError("refused"), OktaRefused("no such hook"), StoreFailed("full")]
)
async def test_what_does_not_heal_ends_it(scene: Scene, error: OkhookError) -> None:
    """A refused credential, a hook that is deleted, a store that fails: somebody has to act."""
    run = Watch(scene)

    def refused() -> None:
        run.hook = error

    run.steps = [refused, nothing]
    with pytest.raises(type(error)):
        await run.run()
    assert len(run.pauses) == 1
    assert scene.shown.count("look_failed") == 0


async def test_a_hook_that_is_changed_is_watched_as_it_is(scene: Scene) -> None:
    """Event types that it gets later are expected from then on."""
    scene.log.entries = [log_entry("uuid-1", "new.type", published=after(5), hook_ids=HOOK_ID)]
    run = Watch(scene)

    def changed() -> None:
        run.hook = a_hook(events=(CREATE, "new.type"))

    run.steps = [changed, nothing]
    await run.run()
    assert scene.shown.uuids("missed") == ["uuid-1"]


@given(failures=st.integers(1, 10_000), every_s=st.floats(1, 1e6))
def test_looks_become_seldom_and_do_not_cease(failures: int, every_s: float) -> None:
    """Never more often than asked for, and at least every five minutes or as asked for."""
    wait_s = back_off_s(failures, every_s)
    assert every_s <= wait_s <= max(every_s, 300)
    assert wait_s <= back_off_s(failures + 1, every_s)


def test_each_wait_is_twice_as_long() -> None:
    """Up to five minutes."""
    assert [back_off_s(n, 1) for n in range(1, 12)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]

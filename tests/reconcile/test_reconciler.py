"""The log against the store: every count by a plain computation, and nothing twice."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from okhook.errors import OkhookError, Unavailable
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import read_log_entry
from okhook.reconcile.activities import EventMissed, Reconciled, Tally
from okhook.reconcile.causes import Likely
from okhook.reconcile.cursor import ReconcileCursor, Window
from okhook.reconcile.hook_history import ACTIVATED
from okhook.reconcile.reconciler import Reconciler
from okhook.reconcile.redeliver import Redeliver, reconstruction
from okhook.runtime.uptime import Period
from tests.okta.fake_log import FakeLog, JsonObject, Pages, log_api, log_entry, next_to
from tests.okta.setup import ORG
from tests.reconcile.rig import (
    ADD,
    CREATE,
    HOOK_ID,
    Redelivers,
    Shown,
    Store,
    a_hook,
    after,
    raw_change,
)

LAST_MINUTE = 300
ACTIVE_FROM = 100
GRACE_MINUTES = 10
WINDOW = Window(after(0), after(LAST_MINUTE), timedelta(minutes=GRACE_MINUTES))
NOTHING_OF_THE_HOOK: list[tuple[list[JsonObject], list[str]]] = [([], []), ([], [])]
"""The answers to what is asked first: how the hook changed, and which deliveries failed."""

MANY_TYPES = frozenset(f"some.type.{number}" for number in range(9))


@dataclass(frozen=True)
class Happened:
    """An event, whom the org had for it, and how often it was delivered."""

    event_type: str
    minute: int
    hook_ids: str | None
    copies: int

    def becomes(self, *, as_if_active: bool) -> str | None:
        """Return its fate by a plain look; None where the hook has nothing to do with it."""
        was_active = self.minute > ACTIVE_FROM
        if self.event_type not in (CREATE, ADD):
            return None
        if self.hook_ids != HOOK_ID:
            if was_active and self.hook_ids is not None:
                return None
            if not was_active and not as_if_active:
                return "passed_by"
        if self.copies:
            return "received" if self.copies == 1 else "duplicated"
        return "missed" if self.minute < LAST_MINUTE - GRACE_MINUTES else "pending"


happenings = st.lists(
    st.builds(
        Happened,
        event_type=st.sampled_from([CREATE, CREATE, ADD, "user.session.start"]),
        minute=st.integers(0, LAST_MINUTE),
        hook_ids=st.sampled_from([None, HOOK_ID, HOOK_ID, "whoOther"]),
        copies=st.sampled_from([0, 0, 1, 1, 2]),
    ),
    max_size=30,
).map(lambda found: sorted(found, key=lambda each: each.minute))


@dataclass
class Run:
    """A reconciler's parts, around what happened."""

    log: ASGIApp
    store: Store
    shown: Shown
    reached: list[datetime]
    hook: EventHook
    as_if_active: bool = False
    periods: Sequence[Period] = ()

    async def look(self, tally: Tally, redeliver: Redeliver | None, window: Window) -> Reconciled:
        async with log_api(self.log) as api:
            reconciler = Reconciler(
                ORG,
                self.hook,
                api,
                self.store,
                ReconcileCursor(Path(os.devnull), ORG, self.hook.id),
                lambda: self.periods,
                self.shown,
                at=self.reached.append,
                redeliver=redeliver,
                as_if_active=self.as_if_active,
            )
            return await reconciler.look(window, tally)

    def look_once(
        self,
        tally: Tally | None = None,
        redeliver: Redeliver | None = None,
        window: Window = WINDOW,
    ) -> Reconciled:
        return anyio.run(self.look, tally or Tally(), redeliver, window)


def a_run(
    happened: Sequence[Happened],
    *,
    most_a_page: int = 1000,
    hook: EventHook | None = None,
    as_if_active: bool = False,
) -> Run:
    store = Store()
    for number, each in enumerate(happened):
        for _ in range(each.copies):
            store.keep(f"uuid-{number}")
    entries = [raw_change(ACTIVATED, ACTIVE_FROM), *raw_entries(happened)]
    entries.sort(key=lambda entry: entry["published"])
    log = FakeLog(entries, most_a_page=most_a_page)
    return Run(log, store, Shown(), [], hook or a_hook(), as_if_active)


def raw_entries(happened: Sequence[Happened]) -> list[JsonObject]:
    return [
        log_entry(
            f"uuid-{number}", each.event_type, published=after(each.minute), hook_ids=each.hook_ids
        )
        for number, each in enumerate(happened)
    ]


def counts(found: Reconciled) -> Counter[tuple[str, datetime, str]]:
    return Counter(
        {
            (event_type, hour, fate): count
            for (event_type, hour), cell in found.tally.cells.items()
            for fate, count in asdict(cell).items()
            if count
        }
    )


@settings(max_examples=80, deadline=None)
@given(
    happened=happenings,
    most_a_page=st.integers(1, 7),
    many_types=st.booleans(),
    as_if_active=st.booleans(),
    mends=st.booleans(),
)
def test_every_count_is_that_of_a_plain_look(
    happened: list[Happened], most_a_page: int, many_types: bool, as_if_active: bool, mends: bool
) -> None:
    """Whatever happened and whatever came: by type and hour, with and without mending."""
    hook = a_hook(events={CREATE, ADD, *(MANY_TYPES if many_types else ())})
    run = a_run(happened, most_a_page=most_a_page, hook=hook, as_if_active=as_if_active)
    redeliver = Redelivers(run.store.take) if mends else None
    fates = [each.becomes(as_if_active=as_if_active) for each in happened]
    plain = Counter(
        (each.event_type, after(each.minute // 60 * 60), fate)
        for each, fate in zip(happened, fates, strict=True)
        if fate not in (None, "passed_by")
    )
    missed = [f"uuid-{number}" for number, fate in enumerate(fates) if fate == "missed"]
    read = 1 + len(happened) if many_types else sum(e.event_type in (CREATE, ADD) for e in happened)

    found = run.look_once(redeliver=redeliver)

    assert counts(found) == plain
    assert asdict(found.tally.total) == {
        fate: sum(each == fate for each in fates) for fate in asdict(found.tally.total)
    }
    assert (found.tally.read, found.tally.passed_by) == (read, fates.count("passed_by"))
    assert run.shown.uuids("missed") == missed
    assert run.reached == sorted(run.reached)
    if redeliver is None:
        assert (found.tally.reconstructed, found.tally.still_missed) == (0, len(missed))
        assert counts(run.look_once()) == plain
        return
    assert (found.tally.reconstructed, found.tally.still_missed) == (len(missed), 0)
    assert redeliver.mended == missed
    assert run.shown.uuids("reconstructed") == missed
    again = run.look_once(redeliver=redeliver)
    assert (again.tally.total.missed, again.tally.reconstructed) == (0, 0)
    assert again.tally.total.received == found.tally.total.received + len(missed)
    assert len(redeliver.mended) == len(missed)


@settings(max_examples=40, deadline=None)
@given(happened=happenings, most_a_page=st.integers(1, 7), fails_at=st.integers(0, 5))
def test_what_could_not_be_fixed_is_open(
    happened: list[Happened], most_a_page: int, fails_at: int
) -> None:
    """A receiver that goes away ends the run; the first event that it did not take stays open."""
    run = a_run(happened, most_a_page=most_a_page)
    redeliver = Redelivers(run.store.take, fails_at=fails_at)
    missed = [n for n, e in enumerate(happened) if e.becomes(as_if_active=False) == "missed"]
    tally = Tally()
    if len(missed) <= fails_at:
        assert run.look_once(tally, redeliver).tally.reconstructed == len(missed)
        return
    with pytest.raises(Unavailable):
        run.look_once(tally, redeliver)
    mended = [f"uuid-{number}" for number in missed[:fails_at]]
    assert run.shown.uuids("reconstructed") == mended
    assert run.shown.uuids("missed") == [*mended, f"uuid-{missed[fails_at]}"]
    assert tally.reconstructed == fails_at
    first_open = after(happened[missed[fails_at]].minute)
    assert tally.unsettled == first_open
    assert tally.reached is None or tally.reached <= first_open
    rest = run.look_once(redeliver=Redelivers(run.store.take))
    assert rest.tally.reconstructed == len(missed) - fails_at
    assert all(len(seqs) <= 2 for seqs in run.store.kept.values())
    assert sorted(run.store.kept) == sorted(
        {f"uuid-{n}" for n in missed} | {f"uuid-{n}" for n, e in enumerate(happened) if e.copies}
    )


A_MISSED_ONE = [Happened(CREATE, 120, HOOK_ID, 0)]


def test_a_missed_event_is_shown_with_its_cause_before_it_is_fixed() -> None:
    """Whoever watches learns of it at once, and then under which id it came after all."""
    run = a_run(A_MISSED_ONE)
    run.look_once(redeliver=Redelivers(run.store.take))
    missed, mended = (each.to_json() for each in run.shown.activities)
    entry = read_log_entry(raw_entries(A_MISSED_ONE)[0])
    assert missed["type"] == "missed"
    assert missed["cause"] == Likely.NO_LISTENER.value
    assert mended["type"] == "reconstructed"
    assert mended["event_id"] == reconstruction(entry, run.hook, ORG).event_id


def test_what_is_open_is_what_is_missed_and_what_is_pending() -> None:
    """The next run begins at the first of them; what came is not open, and a whole look ends."""
    open_ = [Happened(CREATE, 120, HOOK_ID, 0), Happened(CREATE, 299, HOOK_ID, 0)]
    for happened, unsettled in (
        (open_, after(120)),
        (open_[1:], after(299)),
        ([Happened(CREATE, 110, HOOK_ID, 1), Happened(CREATE, 50, None, 0)], None),
    ):
        tally = Tally()
        a_run(happened).look_once(tally)
        assert tally.unsettled == unsettled
        assert tally.reached == WINDOW.until


def test_what_the_receiver_refuses_is_shown_and_skipped() -> None:
    """The others are stored, and the next run does not start at it."""
    happened = [Happened(CREATE, n, HOOK_ID, 0) for n in (110, 120, 130)]
    run, tally = a_run(happened), Tally()
    redeliver = Redelivers(run.store.take, never={"uuid-1"})
    found = run.look_once(tally, redeliver)
    assert redeliver.mended == ["uuid-0", "uuid-2"]
    assert (found.tally.total.missed, found.tally.reconstructed, found.tally.not_reconstructed) == (
        3,
        2,
        1,
    )
    assert found.tally.still_missed == 1
    assert found.to_json()["not_reconstructed"] == 1
    assert run.shown.uuids("missed") == ["uuid-0", "uuid-1", "uuid-2"]
    assert run.shown.uuids("reconstructed") == ["uuid-0", "uuid-2"]
    (refused,) = [e.to_json() for e in run.shown.activities if e.type == "not_reconstructed"]
    assert (refused["uuid"], refused["event_type"]) == ("uuid-1", CREATE)
    assert refused["reason"] == "target must be an array"
    assert tally.unsettled is None


def test_an_entry_that_one_page_holds_twice_is_counted_once() -> None:
    """And stored once, though one query asked the store about both."""
    one, two = raw_entries([Happened(CREATE, n, HOOK_ID, 0) for n in (110, 111)])
    run = a_run([])
    run.log = Pages(*NOTHING_OF_THE_HOOK, ([one, one, two, one], []))
    redeliver = Redelivers(run.store.take)
    found = run.look_once(redeliver=redeliver)
    assert (found.tally.read, found.tally.total.missed, found.tally.reconstructed) == (2, 2, 2)
    assert redeliver.mended == ["uuid-0", "uuid-1"]


def test_an_entry_that_two_pages_hold_is_counted_once() -> None:
    """Pages may overlap where entries come late."""
    one, two, three = raw_entries([Happened(CREATE, n, HOOK_ID, 0) for n in (110, 111, 112)])
    run = a_run([])
    run.log = Pages(
        *NOTHING_OF_THE_HOOK,
        ([one, two], [next_to("/api/v1/logs?after=1")]),
        ([two, three], [next_to("/api/v1/logs?after=2")]),
        ([three], []),
    )
    redeliver = Redelivers(run.store.take)
    found = run.look_once(redeliver=redeliver)
    assert (found.tally.read, found.tally.total.missed) == (3, 3)
    assert redeliver.mended == ["uuid-0", "uuid-1", "uuid-2"]


def test_an_entry_that_comes_again_much_later_is_counted_once() -> None:
    """Also where other pages lie between."""
    one, two = raw_entries([Happened(CREATE, n, HOOK_ID, 0) for n in (110, 111)])
    run = a_run([])
    run.log = Pages(
        *NOTHING_OF_THE_HOOK,
        ([one], [next_to("/api/v1/logs?after=1")]),
        ([two], [next_to("/api/v1/logs?after=2")]),
        ([one], []),
    )
    redeliver = Redelivers(run.store.take)
    found = run.look_once(redeliver=redeliver)
    assert (found.tally.read, found.tally.total.expected, found.tally.reconstructed) == (2, 2, 2)
    assert len(redeliver.mended) == 2


@pytest.mark.parametrize("types", [1, 10, 11])
def test_few_types_are_asked_for_and_many_are_looked_for(types: int) -> None:
    """A filter of an org takes so many tests; beyond that the whole log is read."""
    names = [f"some.type.{number}" for number in range(types)]
    log = FakeLog([log_entry("other", "user.session.start", published=after(1))])
    run = Run(log, Store(), Shown(), [], a_hook(events=names))
    found = run.look_once()
    assert found.tally.read == (0 if types <= 10 else 1)
    asked = log.asked[-1]
    assert asked["since"] == "2026-11-24T12:00:00.000Z"
    assert asked["until"] == "2026-11-24T17:00:00.000Z"
    assert (
        (asked["filter"].count("eventType eq") == types) if types <= 10 else "filter" not in asked
    )


@pytest.mark.parametrize("grace", [timedelta(days=1), timedelta(days=1_000_000), timedelta.max])
def test_whatever_the_grace_nothing_within_it_is_missed(grace: timedelta) -> None:
    """Also one that is longer than the calendar."""
    run = a_run(A_MISSED_ONE)
    found = run.look_once(window=Window(WINDOW.since, WINDOW.until, grace))
    assert (found.tally.total.missed, found.tally.total.pending) == (0, 1)


def test_the_causes_know_the_orgs_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that went to any hook count for the daily limit, as they are read."""
    monkeypatch.setattr("okhook.reconcile.causes.DAILY_LIMIT", 3)
    busy = [Happened(CREATE, 110, "whoOther", 0)] * 2
    shown = []
    for others in (busy, busy[:1]):
        run = a_run([*others, *A_MISSED_ONE])
        run.periods = [Period(after(0), None)]
        run.look_once()
        (missed,) = run.shown.activities
        assert isinstance(missed, EventMissed)
        shown.append(missed.cause.likely)
    assert shown == [Likely.DAILY_LIMIT, Likely.UNKNOWN]


def test_a_log_that_breaks_off_leaves_what_was_reached() -> None:
    """The counts of the pages before stand, and how far they went."""
    run = a_run([Happened(CREATE, n, HOOK_ID, 1) for n in (110, 120, 130)], most_a_page=1)
    assert isinstance(run.log, FakeLog)
    run.log.fails_from = 4
    tally = Tally()
    with pytest.raises(OkhookError):
        run.look_once(tally)
    assert (tally.read, tally.reached) == (2, after(120))
    assert run.reached == [after(110), after(120)]

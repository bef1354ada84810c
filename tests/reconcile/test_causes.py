"""Why an event was missed: each cause by itself, and which of several is told."""

from collections import Counter
from datetime import timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okhook.reconcile import causes
from okhook.reconcile.causes import NEARBY, Cause, Failures, Likely, hour_of, likely_cause
from okhook.reconcile.hook_history import HookHistory, HookStatus, Stretch
from okhook.runtime.uptime import Period
from tests.reconcile.rig import CREATE, after, always, an_entry, evidence

RAN = [Period(after(-100), None)]


def failures_at(*minutes: float, reason: str | None = "answered 500") -> Failures:
    failures = Failures()
    for each in minutes:
        failures.add(after(each), reason)
    return failures


def a_busy_org(events: int = 1) -> Counter[int]:
    return Counter({hour_of(after(0)): events})


def test_an_event_of_a_time_when_the_hook_stood_aside() -> None:
    """The cause names the time of the change, if the log has it."""
    history = HookHistory(
        [Stretch(HookStatus.INACTIVE, None), Stretch(HookStatus.UNVERIFIED, after(5))]
    )
    known = evidence(history=history, periods=RAN)
    assert likely_cause(an_entry(minutes=1), known) == Cause(
        Likely.INACTIVE, ("the hook was INACTIVE",)
    )
    assert likely_cause(an_entry(minutes=6), known) == Cause(
        Likely.UNVERIFIED, ("the hook was UNVERIFIED", " since ", after(5))
    )


def test_a_failed_delivery_is_shown_with_the_orgs_words() -> None:
    """When it was logged, and why: or that no reason was given."""
    cause = likely_cause(an_entry(), evidence(failures=failures_at(2), periods=RAN))
    assert cause.likely is Likely.DELIVERY_FAILED
    assert cause.detail == "Okta logged a failed delivery at 2026-11-24 12:02:00Z: answered 500"
    silent = likely_cause(an_entry(), evidence(failures=failures_at(2, reason=None), periods=RAN))
    assert silent.detail.endswith(": no reason given")


def test_where_no_receiver_ran_a_failed_delivery_is_shown_beside_it() -> None:
    """The one explains the other: nobody was there whom the org could have reached."""
    cause = likely_cause(an_entry(), evidence(failures=failures_at(2)))
    assert (cause.likely, cause.detail) == (
        Likely.NO_LISTENER,
        "no receiver has run on this machine yet; Okta logged a failed delivery: answered 500",
    )


def test_events_of_one_outage_have_one_cause() -> None:
    """Each has a failed delivery of its own, and what is said of them does not differ."""
    known = evidence(failures=failures_at(*range(10), reason="Connection refused"))
    assert len({likely_cause(an_entry(minutes=n), known) for n in range(10)}) == 1


def test_what_the_receiver_refused() -> None:
    """Its own words stand in the detail."""
    cause = likely_cause(an_entry(), evidence(refused="401, the secret is wrong", periods=RAN))
    assert cause == Cause(
        Likely.REFUSED, ("the receiver refused a delivery at that time: 401, the secret is wrong",)
    )


@pytest.mark.parametrize(
    ("periods", "detail"),
    [
        ([], "no receiver has run on this machine yet"),
        ([Period(after(1), None)], "no receiver has run on this machine yet"),
        (
            [Period(after(-9), after(-5)), Period(after(-8), after(-7)), Period(after(1), None)],
            "no receiver has run on this machine since 2026-11-24 11:55:00Z",
        ),
    ],
)
def test_no_receiver_ran(periods: list[Period], detail: str) -> None:
    """The cause names the end of the last run; of parallel runs, the later end."""
    cause = likely_cause(an_entry(), evidence(periods=periods))
    assert (cause.likely, cause.detail) == (Likely.NO_LISTENER, detail)


def test_over_the_daily_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many events in the day before as Okta delivers: and not one fewer."""
    assert causes.DAILY_LIMIT == 400_000
    monkeypatch.setattr(causes, "DAILY_LIMIT", 5)
    over = likely_cause(an_entry(), evidence(load=a_busy_org(5), periods=RAN))
    assert over.likely is Likely.DAILY_LIMIT
    under = likely_cause(an_entry(), evidence(load=a_busy_org(4), periods=RAN))
    assert under.likely is Likely.UNKNOWN


def test_a_filter_that_was_not_understood() -> None:
    """It may have kept the event away, but only one of its own type."""
    known = evidence(periods=RAN, unread_filters=[CREATE])
    assert likely_cause(an_entry(), known).likely is Likely.FILTER
    other = an_entry(event_type="group.user_membership.add")
    assert likely_cause(other, known).likely is Likely.UNKNOWN


def test_the_first_that_applies_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """From what is certain to what may be: one after the other taken away brings the next."""
    monkeypatch.setattr(causes, "DAILY_LIMIT", 1)
    everything = {
        "history": always(HookStatus.INACTIVE),
        "periods": [],
        "refused": "401",
        "failures": failures_at(1),
        "load": a_busy_org(),
        "unread_filters": [CREATE],
    }
    explained = {
        "history": always(),
        "periods": RAN,
        "refused": None,
        "failures": Failures(),
        "load": Counter(),
        "unread_filters": [],
    }
    found = []
    for name in [None, *everything]:
        if name is not None:
            everything[name] = explained[name]
        found.append(likely_cause(an_entry(), evidence(**everything)).likely)  # type: ignore[arg-type]
    assert found == [
        Likely.INACTIVE,
        Likely.NO_LISTENER,
        Likely.REFUSED,
        Likely.DELIVERY_FAILED,
        Likely.DAILY_LIMIT,
        Likely.FILTER,
        Likely.UNKNOWN,
    ]


minutes = st.integers(-60, 60)


@given(at=st.lists(minutes, max_size=8), moment=minutes)
def test_a_failure_is_near_for_ten_minutes(at: list[int], moment: int) -> None:
    """The first from the event on, in whatever order they came, and none long after it."""
    failures = Failures()
    for number, each in enumerate(at):
        failures.add(after(each), f"reason {number % 3}")
    assert len(failures) == len(at)
    near = [(each, n % 3) for n, each in enumerate(at) if moment <= each <= moment + 10]
    found = failures.after(after(moment))
    if not near:
        assert found is None
        return
    assert found is not None
    first = min(each for each, _ in near)
    assert found[0] == after(first)
    assert found[1] in {f"reason {number}" for each, number in near if each == first}
    assert timedelta(minutes=10) == NEARBY


def test_a_reason_does_not_grow() -> None:
    """A failure's reason is cut: a hostile org's words fill neither memory nor screen."""
    found = failures_at(1, reason="x" * 10_000).after(after(0))
    assert found is not None
    assert found[1] == "x" * 200


@example(runs=[(-5, 5)])
@example(runs=[(0, 0)])
@given(runs=st.lists(st.tuples(minutes, st.none() | st.integers(0, 30)), max_size=6))
def test_a_receiver_ran_or_it_did_not(runs: list[tuple[int, int | None]]) -> None:
    """Whatever runs lie beside and after each other: one that covers the moment is enough."""
    periods = sorted(
        (
            Period(after(began), None if took is None else after(began + took))
            for began, took in runs
        ),
        key=lambda period: period.began,
    )
    ran = any(began <= 0 and (took is None or began + took >= 0) for began, took in runs)
    cause = likely_cause(an_entry(), evidence(periods=periods))
    assert cause.likely is (Likely.UNKNOWN if ran else Likely.NO_LISTENER)
    ends = [began + took for began, took in runs if took is not None and began <= 0]
    if not ran and ends:
        assert cause.detail.endswith(f"{after(max(ends)):%Y-%m-%d %H:%M:%S}Z")


@given(hours=st.lists(st.integers(-30, 3), max_size=30))
def test_the_load_is_of_the_day_before(hours: list[int]) -> None:
    """Counted by the hour: the hour of the event and the 23 before it."""
    load = Counter(hour_of(after(60 * hour + 59)) for hour in hours)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(causes, "DAILY_LIMIT", max(1, sum(-23 <= hour <= 0 for hour in hours)))
        over = likely_cause(an_entry(), evidence(load=load, periods=RAN)).likely
        assert (over is Likely.DAILY_LIMIT) == any(-23 <= hour <= 0 for hour in hours)
        patch.setattr(causes, "DAILY_LIMIT", causes.DAILY_LIMIT + 1)
        under = likely_cause(an_entry(), evidence(load=load, periods=RAN)).likely
        assert under is Likely.UNKNOWN


def test_times_are_shown_in_utc_or_on_the_readers_clock() -> None:
    """Whatever zone a period came with, and whatever braces or per cent signs the org writes."""
    east = after(-5).astimezone(timezone(timedelta(hours=2)))
    cause = likely_cause(an_entry(), evidence(periods=[Period(east, east)]))
    assert cause.detail.endswith("11:55:00Z")
    known = evidence(failures=failures_at(2, reason="{0} %H"), periods=RAN)
    told = likely_cause(an_entry(), known).sentence(lambda moment: f"{moment:%H:%M}")
    assert told == "Okta logged a failed delivery at 12:02: {0} %H"

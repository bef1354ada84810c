"""How reconciliations look: bounded on a terminal, whole elsewhere, and harmless."""

from datetime import UTC, datetime, timedelta

import pytest

from okhook.activity import Activity
from okhook.cli.reconcile.view import ReconcileRenderer
from okhook.errors import Unavailable
from okhook.okta.system_log import read_log_entry
from okhook.reconcile.activities import (
    Cell,
    EventMissed,
    EventNotReconstructed,
    EventReconstructed,
    LookFailed,
    Reconciled,
    Tally,
)
from okhook.reconcile.causes import Cause, Likely
from okhook.reconcile.cursor import Window

MOMENT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def missed(number: int, *said: str | datetime) -> EventMissed:
    entry = read_log_entry(
        {
            "uuid": f"uuid-{number}",
            "eventType": "user.lifecycle.create\x1b[2J",
            "published": "2026-11-24T12:00:00.000Z",
            "target": [{"id": "00u1", "displayName": "Jane\nDoe"}],
        }
    )
    return EventMissed(entry, Cause(Likely.NO_LISTENER, said or ("no receiver ran here",)))


def summed(count: int, *, reconstructed: int = 0, not_reconstructed: int = 0) -> Reconciled:
    cell = Cell(missed=count)
    return Reconciled(
        org="https://o",
        hook_id="who1",
        window=Window(MOMENT, MOMENT, timedelta(0)),
        tally=Tally(
            read=count,
            total=cell,
            reconstructed=reconstructed,
            not_reconstructed=not_reconstructed,
            cells={("user.lifecycle.create", MOMENT): cell},
        ),
    )


def lines_of(renderer: ReconcileRenderer, *activities: Activity) -> list[str]:
    return [line.plain for activity in activities for line in renderer(activity)]


def test_a_cause_is_said_once_and_again_when_it_changes() -> None:
    """A thousand events of one outage do not repeat why."""
    lines = lines_of(
        ReconcileRenderer(), missed(1), missed(2), missed(3, "the hook was UNVERIFIED")
    )
    assert [line.strip() for line in lines if not line.startswith("missed")] == [
        "no receiver ran here",
        "the hook was UNVERIFIED",
    ]
    assert sum(line.startswith("missed") for line in lines) == 3


@pytest.mark.parametrize(
    "between", [summed(1), LookFailed(MOMENT, Unavailable("o did not answer"), 8.0)]
)
def test_each_look_says_the_cause_again(between: Activity) -> None:
    """In a watch the line that had it scrolled away with the look before."""
    renderer = ReconcileRenderer()
    lines_of(renderer, missed(1), missed(2), between)
    assert [line.strip() for line in lines_of(renderer, missed(3))][1:] == ["no receiver ran here"]


@pytest.mark.usefixtures("five_hours_east")
def test_a_cause_tells_the_time_of_the_same_clock_as_the_event() -> None:
    """A receiver that ended a minute before does not seem to have ended hours before."""
    cause = ("no receiver has run on this machine since ", MOMENT - timedelta(minutes=1))
    event, why = lines_of(ReconcileRenderer(), missed(1, *cause))
    assert event.startswith("missed  2026-11-24 17:00:00  ")
    assert why.strip() == "no receiver has run on this machine since 2026-11-24 16:59:00"


def test_what_is_fixed_names_no_receiver_that_may_not_have_run() -> None:
    """Where none runs, okhook takes it in itself."""
    lines = lines_of(ReconcileRenderer(), summed(1, reconstructed=1))
    assert lines[-1] == "1 was stored now"


def test_a_person_sees_so_many_and_how_many_more_there_are() -> None:
    """Each look begins anew; what is rebuilt beyond the bound has no line either."""
    renderer = ReconcileRenderer(most=2)
    for _ in range(2):
        lines = lines_of(renderer, *(missed(n) for n in range(5)), summed(5))
        assert sum(line.startswith("missed") for line in lines) == 2
        assert any(line.startswith("3 more missed events") for line in lines)
    assert not any("more missed" in line for line in lines_of(renderer, missed(1), summed(1)))
    for number in range(3):
        lines_of(renderer, missed(number))
    assert list(renderer(EventReconstructed(missed(1).entry, "event-1"))) == []
    assert (
        sum(
            line.startswith("missed")
            for line in lines_of(ReconcileRenderer(), *(missed(n) for n in range(500)))
        )
        == 500
    )


def test_what_is_not_stored_is_named_however_much_is_missed() -> None:
    """With the reason and its uuid, also beyond the bound, and counted at the end."""
    renderer = ReconcileRenderer(most=1)
    refused = EventNotReconstructed(missed(2).entry, "target must be an array")
    lines = lines_of(renderer, missed(1), missed(2), refused, summed(2, not_reconstructed=1))
    assert sum(line.startswith("missed") for line in lines) == 1
    assert "not stored: target must be an array  uuid-2" in [line.strip() for line in lines]
    assert lines[-1] == "1 was not stored"


def test_an_outage_is_shown_with_its_time() -> None:
    """Whoever comes back to a watch sees when it was, why, and that it goes on."""
    outage = Unavailable("o did not answer", why="Connection refused")
    (line,) = lines_of(ReconcileRenderer(), LookFailed(MOMENT, outage, 8.0))
    assert f"{MOMENT.astimezone():%H:%M:%S}" in line
    assert line.endswith("o did not answer: Connection refused; retrying in 8 s")
    (short,) = lines_of(ReconcileRenderer(), LookFailed(MOMENT, Unavailable("no answer"), 0.5))
    assert short.endswith("no answer; retrying in 0.5 s")


def test_the_table_is_no_wider_than_the_terminal_field_28() -> None:
    """A long event type loses its middle, and columns that count nothing are left out."""
    event_type = "application.provision.group_push.mapping.update.or.delete.failed.with.error"
    all_counts = summed(1)
    all_counts.tally.total = Cell(received=1, duplicated=2, missed=3, pending=4)
    for found in (summed(1), all_counts):
        found.tally.cells[event_type, MOMENT] = Cell(missed=1)
        rows = lines_of(ReconcileRenderer(width=80), found)
        assert all(len(row) <= 80 for row in rows if "for the hook" not in row)
        assert any(".with.error" in row for row in rows)
    assert "duplicated" not in "".join(lines_of(ReconcileRenderer(), summed(1))[1])


def test_the_sum_says_of_what_it_is() -> None:
    """A machine may have several hooks, in several orgs."""
    assert "for the hook who1 of https://o" in lines_of(ReconcileRenderer(), summed(0))[-1]


def test_what_an_org_says_moves_no_cursor() -> None:
    """Neither a type, nor a name, nor a reason."""
    lines = lines_of(
        ReconcileRenderer(),
        missed(1, "reason\x1b]0;x\x07\n"),
        EventNotReconstructed(missed(1).entry, "reason\x1b[2J\n"),
        LookFailed(MOMENT, Unavailable("what\x1b[2J", why="why\n\x07"), 1),
        summed(1),
    )
    assert all(line.isprintable() for line in lines)
    assert any("Jane\\nDoe" in line for line in lines)

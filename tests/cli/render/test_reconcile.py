"""How reconciliations look: bounded on a terminal, whole elsewhere, and harmless."""

from datetime import UTC, datetime

from okhook.cli.render.reconcile import ReconcileRenderer
from okhook.okta.log_entry import read_log_entry
from okhook.reconcile.activities import Cell, EventMissed, EventReconstructed, Reconciled
from okhook.reconcile.causes import Cause, Likely

MOMENT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def missed(number: int, detail: str = "no receiver ran here") -> EventMissed:
    entry = read_log_entry(
        {
            "uuid": f"uuid-{number}",
            "eventType": "user.lifecycle.create\x1b[2J",
            "published": "2026-11-24T12:00:00.000Z",
            "target": [{"id": "00u1", "displayName": "Jane\nDoe"}],
        }
    )
    return EventMissed(entry, Cause(Likely.NO_LISTENER, detail))


def summed(count: int) -> Reconciled:
    cell = Cell(missed=count)
    cells = {("user.lifecycle.create", MOMENT): cell}
    return Reconciled("https://o", "who1", MOMENT, MOMENT, count, cell, 0, 0, cells)


def lines_of(renderer: ReconcileRenderer, *activities: EventMissed | Reconciled) -> list[str]:
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


def test_what_an_org_says_moves_no_cursor() -> None:
    """Neither a type, nor a name, nor a reason."""
    lines = lines_of(ReconcileRenderer(), missed(1, "reason\x1b]0;x\x07\n"), summed(1))
    assert all(line.isprintable() for line in lines)
    assert any("Jane\\nDoe" in line for line in lines)

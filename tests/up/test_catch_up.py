"""The summary of catching up."""

from datetime import timedelta

import pytest

from okhook.reconcile.activities import Cell, Reconciled, Tally
from okhook.reconcile.cursor import Window
from okhook.up.catch_up import summary
from tests.support.records import NOON


@pytest.mark.parametrize(
    ("missed", "reconstructed", "not_reconstructed", "said"),
    [
        (0, 0, 0, "no events were missed since 2026-11-24 17:00:00 +0500"),
        (1, 1, 0, "1 of 9 events since 2026-11-24 17:00:00 +0500 were missed: 1 received now"),
        (
            4, 3, 1,
            (
                "4 of 9 events since 2026-11-24 17:00:00 +0500 were missed: 3 received now,"
                " 1 could not be reconstructed"
            ),
        ),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("five_hours_east")
def test_the_summary(missed: int, reconstructed: int, not_reconstructed: int, said: str) -> None:
    """How many events were received and how many could not be reconstructed, since a local time."""
    found = Reconciled(
        org="https://dev-123.okta.com",
        hook_id="who1",
        window=Window(NOON, NOON + timedelta(hours=1), timedelta(0)),
        tally=Tally(
            total=Cell(received=9 - missed, missed=missed),
            reconstructed=reconstructed,
            not_reconstructed=not_reconstructed,
        ),
    )
    assert summary(found) == said

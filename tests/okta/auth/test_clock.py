"""The org's clock, told from the ``Date`` of its answers."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.http.client import Answer
from okhook.okta.auth.dpop import OrgClock, Proofs
from okhook.okta.auth.private_key import generated_key

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def dated(value: str) -> Answer:
    return Answer(200, (("Date", value),), b"", 0.0)


@given(seconds=st.integers(-(10**6), 10**6))
def test_the_clock_follows_the_orgs_date(seconds: int) -> None:
    """To the second; a difference that may be rounding is ignored."""
    clock = OrgClock(lambda: NOW)
    theirs = NOW + timedelta(seconds=seconds)
    proofs = Proofs(generated_key(), clock)
    before = proofs.signed_with()
    clock.hear(dated(format_datetime(theirs, usegmt=True)))
    assert clock.now() == (theirs if abs(seconds) >= 5 else NOW)
    assert proofs.can_retry("invalid_dpop_proof", before) == (abs(seconds) > 30)
    assert (clock.fault() is not None) == (abs(seconds) > 30)
    assert not proofs.can_retry("invalid_dpop_proof", proofs.signed_with())


def test_the_fault_names_the_direction() -> None:
    """Ahead or behind."""
    clock = OrgClock(lambda: NOW)
    clock.hear(dated(format_datetime(NOW + timedelta(seconds=90), usegmt=True)))
    assert clock.fault() == "this machine's clock is 90 s behind the org's"
    clock.hear(dated(format_datetime(NOW - timedelta(seconds=90), usegmt=True)))
    assert clock.fault() == "this machine's clock is 90 s ahead of the org's"


@pytest.mark.parametrize(
    "value", ["", "yesterday", "Tue, 99 Nov 2026 12:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"]
)
def test_an_invalid_date_is_ignored(value: str) -> None:
    """The clock stays as it was."""
    assert dated(value).date is None
    clock = OrgClock(lambda: NOW)
    clock.hear(dated(value))
    assert clock.now() == NOW

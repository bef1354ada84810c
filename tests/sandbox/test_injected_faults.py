"""Faults as they are written, and how they are counted down."""

import re

import pytest

from okhook.sandbox.injected_faults import Fault, FaultKind, FaultsLeft, read_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("429", Fault(FaultKind.RATE_LIMIT, seconds=3)),
        ("500:3", Fault(FaultKind.SERVER_ERROR, 3)),
        ("slow", Fault(FaultKind.SLOW, seconds=5)),
        ("slow=0.5:2@/api", Fault(FaultKind.SLOW, 2, None, "/api", 0.5)),
        ("cut@POST/api/v1/users", Fault(FaultKind.CUT, 1, "POST", "/api/v1/users")),
        ("next-loop@/api/v1/logs", Fault(FaultKind.NEXT_LOOP, prefix="/api/v1/logs")),
    ],
)
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    """Kind, seconds, count, method and path, each with its default."""
    assert read_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be KIND"),
        ("429:", "must be KIND"),
        ("429:x", "must be KIND"),
        ("429@api", "must be KIND"),
        ("429:-1", "must be KIND"),
        ("fire", "there is no fault fire; there are 429, 500, slow, cut, next-loop"),
        ("cut=3", "cut takes no seconds"),
    ],
)
def test_what_is_no_fault(text: str, said: str) -> None:
    """Said with the form, or with what there is."""
    with pytest.raises(ValueError, match=re.escape(said)):
        read_fault(text)


def test_a_fault_is_there_as_often_as_it_says() -> None:
    """For its own kind, method and path; the next of the same kind comes after it."""
    cut, more = Fault(FaultKind.CUT, 2, "POST", "/a"), Fault(FaultKind.CUT, 1)
    left = FaultsLeft([cut, more])
    assert left.take(FaultKind.SLOW, "POST", "/a/b") is None
    assert left.take(FaultKind.CUT, "POST", "/a/b") is cut
    assert left.take(FaultKind.CUT, "GET", "/a/b") is more
    assert left.take(FaultKind.CUT, "GET", "/a/b") is None
    assert left.take(FaultKind.CUT, "POST", "/b/a") is None
    assert left.take(FaultKind.CUT, "POST", "/a") is cut
    assert left.take(FaultKind.CUT, "POST", "/a") is None

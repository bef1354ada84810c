"""How forwarding looks on a terminal while a command runs."""

from datetime import timedelta

import pytest

from okhook.cli.console import Console
from okhook.cli.views.forward import ForwardRenderer
from okhook.config.settings import Output
from okhook.records.activities import Forwarded
from okhook.records.attempt import Attempt, Forward, ForwardState
from tests.support.found import APP, attempt
from tests.support.records import NOON


class _AsWide(Console):
    """A console as wide as a test says; None is a pipe."""

    def __init__(self, columns: int | None) -> None:
        super().__init__(output=Output.TEXT, quiet=False)
        self._columns = columns

    @property
    def width(self) -> int | None:
        return self._columns


def _line(tried: Attempt, state: ForwardState, *, width: int | None) -> str:
    forward = Forward(tried.seq, APP, state, tried.number, NOON + timedelta(seconds=5.4))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("okhook.cli.views.forward.utc_now", lambda: NOON)
        (line,) = ForwardRenderer(_AsWide(width))(Forwarded(tried, forward))
    return line.plain.strip()


@pytest.mark.parametrize(
    ("width", "outcome"),
    [
        (None, "500 Internal Server Error  12 ms"),
        (120, "500 Internal Server Error  12 ms"),
        (80, "500"),
    ],
)
def test_a_retry_fits_a_terminal_of_eighty_columns(width: int | None, outcome: str) -> None:
    """The phrase of the status and the duration go before the line is broken."""
    line = _line(attempt(2, 500), ForwardState.WAITING, width=width)
    assert line == f"→ {outcome}  #41  127.0.0.1:3000/hook  attempt 2, retrying in 5 s"


def test_a_fault_has_no_shorter_name() -> None:
    """Only its duration goes."""
    line = _line(attempt(2, None), ForwardState.WAITING, width=40)
    assert line.startswith("→ timeout  #41")


def test_an_accepted_delivery_is_shown_in_full() -> None:
    """Its line has room for how long the app took."""
    line = _line(attempt(1, 204), ForwardState.DONE, width=80)
    assert line == "→ 204 No Content  12 ms  #41  127.0.0.1:3000/hook"

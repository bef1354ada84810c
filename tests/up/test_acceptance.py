"""Whether the apps accept the delivery that ``up --once --within`` waits for."""

import anyio
import pytest

from okhook.activity import Published
from okhook.records.activities import Forwarded, TargetDown
from okhook.records.attempt import ForwardState
from okhook.runtime.hub import ActivityHub
from okhook.up.acceptance import attempt_given_up, not_accepted_in_time
from tests.support.found import APP, attempt, forward
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio

OTHER = "http://127.0.0.1:3001/hook"
WITHIN = "within 60 s"


def tried(status: int, state: ForwardState, *, seq: int = 41, target: str = APP) -> Forwarded:
    return Forwarded(attempt(1, status, seq=seq, target=target), forward(seq, state, target=target))


OTHERS = tried(503, ForwardState.WAITING, seq=40)


async def given_up(*told: Published) -> int | None:
    """Return the status of the attempt that was the last, once both apps are through with 41."""
    hub = ActivityHub()
    with hub.subscribe() as published, anyio.fail_after(PATIENCE_S):
        for each in told:
            hub.publish(each)
        last = await attempt_given_up(41, (APP, OTHER), published)
    return None if last is None else last.status


async def test_every_app_has_to_accept_it_field_26() -> None:
    """A retry that succeeds is enough; what happens to other deliveries does not matter."""
    done, failed, waiting = ForwardState.DONE, ForwardState.FAILED, ForwardState.WAITING
    others = tried(404, failed, seq=40)
    accepted = (tried(500, waiting), others, tried(200, done), tried(204, done, target=OTHER))
    assert await given_up(*accepted) is None
    assert await given_up(tried(200, done), tried(404, failed, target=OTHER)) == 404


@pytest.mark.parametrize(
    ("told", "what", "why"),
    [
        ((OTHERS,), "the event arrived, but no app had accepted it within 60 s", None),
        (
            (tried(500, ForwardState.WAITING), OTHERS),
            f"the event arrived, but {APP} did not accept it within 60 s",
            "it answered HTTP 500",
        ),
        (
            (OTHERS, TargetDown(f"{APP}?token=s3cret", "Connection refused")),
            f"the event arrived, but {APP}?token=[hidden] did not accept it within 60 s",
            "Connection refused",
        ),
    ],
)
async def test_the_time_is_up_field_26(
    told: tuple[Published, ...], what: str, why: str | None
) -> None:
    """The error names the app that was last heard of, and what it did with this delivery."""
    late = not_accepted_in_time(41, told, WITHIN)
    assert (late.what, late.why) == (what, why)

"""Rebuilt deliveries go to the receiver as the org's own would, and its word decides."""

from collections.abc import Sequence

import pytest

from okhook.errors import AnswerIsNo, CredentialsError, OkhookError, Unavailable
from okhook.http.client import HttpClient
from okhook.okta.log_entry import read_log_entry
from okhook.reconcile.mending import NotReconstructed, ReceiverMender
from okhook.reconcile.rebuild import Reconstruction, reconstruction
from okhook.records.record import RECONSTRUCTED_HEADER
from okhook.secret import HookAuth, Secret
from tests.okta.setup import ORG
from tests.reconcile.rig import a_hook, an_entry
from tests.support.answering import AnsweringServer, answer, answering_server, free_port

pytestmark = pytest.mark.anyio

SECRET = "the-hooks-own-secret"
MISSING = reconstruction(an_entry(), a_hook(), ORG)


async def mend(
    url: str, auth: HookAuth | None = None, *, missing: Reconstruction = MISSING
) -> None:
    async with HttpClient(user_agent="okhook/tests") as http:
        mender = ReceiverMender(http, url, auth, new_request_id=lambda: "request-1")
        await mender.mend(missing)


async def mend_answered(
    *statuses: int, auth: HookAuth | None = None
) -> tuple[AnsweringServer, OkhookError | None]:
    """Mend once at a receiver that answers so; return it, and the error that came of it."""
    left = list(statuses)
    with answering_server(lambda _: answer(left.pop(0))) as server:
        try:
            await mend(server.url, auth)
        except OkhookError as error:
            return server, error
    return server, None


async def test_it_is_posted_once_and_marked() -> None:
    """As Okta posts, with the mark that it is none of Okta's, and the bytes as rebuilt."""
    server, error = await mend_answered(204)
    assert error is None
    (asked,) = server.asked
    assert (asked.method, asked.body) == ("POST", MISSING.body)
    assert asked.header(RECONSTRUCTED_HEADER) == "1"
    assert asked.header("X-Okta-Request-Id") == "request-1"
    assert asked.header("Content-Type") == "application/json"
    assert asked.header("Authorization") is None


async def test_it_carries_the_hooks_secret() -> None:
    """A receiver that asks for it gets it, in its field."""
    server, error = await mend_answered(200, auth=HookAuth("X-Hook", Secret(SECRET)))
    assert error is None
    assert server.asked[0].header("X-Hook") == SECRET


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ([401], CredentialsError),
        ([404], AnswerIsNo),
        ([302], AnswerIsNo),
        ([503, 503], Unavailable),
        ([500, 401], CredentialsError),
    ],
)
async def test_what_is_not_taken_is_told(statuses: Sequence[int], kind: type[OkhookError]) -> None:
    """Anything but 2xx says that it is not kept; the secret stands in no word of it."""
    server, error = await mend_answered(*statuses, auth=HookAuth("Authorization", Secret(SECRET)))
    assert isinstance(error, kind)
    assert server.url in error.what
    assert len(server.asked) == len(statuses)
    assert SECRET not in f"{error.what} {error.why} {error.next_step}"
    if kind is not CredentialsError:
        assert str(statuses[-1]) in str(error.why)


@pytest.mark.parametrize("status", [400, 413])
async def test_what_this_one_delivery_is_refused_for(status: int) -> None:
    """Malformed or too large: that says nothing of the next one, so it is no outcome of the run."""
    with answering_server(lambda _: answer(status)) as server:
        with pytest.raises(NotReconstructed, match=str(status)):
            await mend(server.url)
        assert len(server.asked) == 1


async def test_what_every_receiver_refuses_is_not_sent() -> None:
    """It would be kept as malformed at each run; the reason names what is wrong."""
    raw = {**an_entry().raw, "target": "nobody"}
    missing = reconstruction(read_log_entry(raw), a_hook(), ORG)
    with answering_server(lambda _: answer(204)) as server:
        with pytest.raises(NotReconstructed, match="target must be an array"):
            await mend(server.url, missing=missing)
        assert server.asked == []


async def test_a_store_that_was_busy_is_asked_again() -> None:
    """As Okta does after a 5xx; the id is the same, so that no duplicate comes of it."""
    server, error = await mend_answered(503, 204)
    assert error is None
    assert [asked.body for asked in server.asked] == [MISSING.body] * 2


async def test_nobody_there() -> None:
    """A receiver that has ended is told as unavailable."""
    with pytest.raises(Unavailable, match="takes no reconstructed delivery"):
        await mend(f"http://127.0.0.1:{free_port()}/hook")

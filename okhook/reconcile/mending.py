"""Put a rebuilt delivery through the receiver: kept, shown and forwarded like any other."""

from collections.abc import Callable
from typing import Protocol, final

from okhook.errors import AnswerIsNo, CredentialsError, OkhookError, Unavailable
from okhook.http.client import HttpClient
from okhook.reconcile.rebuild import Reconstruction
from okhook.records.record import RECONSTRUCTED_HEADER
from okhook.secret import HookAuth
from okhook.wire.hook_call import CallAttempt, deliver, delivery_headers
from okhook.wire.payload import NotADelivery, checked_events, payload_of

_REFUSES_THIS_ONE = frozenset({400, 413})
"""Statuses of a receiver that will take others, and never this one: malformed, or too large."""


class NotReconstructed(Exception):
    """No receiver takes this one delivery, now or later; the message says why."""


class Mender(Protocol):
    """Takes rebuilt deliveries in."""

    async def mend(self, missing: Reconstruction) -> None:
        """Have the delivery in the store when this returns.

        Raises:
            NotReconstructed: this delivery is taken by none; others may be.
            OkhookError: the receiver takes nothing.

        """
        ...


@final
class ReceiverMender:
    """Posts to the receiver at ``url``, on this machine, with the hook's secret."""

    def __init__(
        self,
        http: HttpClient,
        url: str,
        auth: HookAuth | None,
        *,
        new_request_id: Callable[[], str],
    ) -> None:
        self._http = http
        self._url = url
        self._auth = auth
        self._new_request_id = new_request_id

    async def mend(self, missing: Reconstruction) -> None:
        """Post the delivery; an answer of 2xx says that it is kept.

        One that is malformed is not sent: the receiver would keep it anew each time.
        """
        try:
            checked_events(payload_of(missing.body))
        except NotADelivery as error:
            raise NotReconstructed(str(error)) from None
        headers = delivery_headers(
            self._new_request_id(), self._auth, ((RECONSTRUCTED_HEADER, "1"),)
        )
        call = await deliver(self._http, self._url, headers, missing.body)
        if call.last.delivered:
            return
        if call.last.answer is not None and call.last.answer.status in _REFUSES_THIS_ONE:
            raise NotReconstructed(f"the receiver answered HTTP {call.last.answer.status}")
        raise _takes_nothing(self._url, call.last)


def _takes_nothing(url: str, last: CallAttempt) -> OkhookError:
    what = f"the receiver at {url} takes no reconstructed delivery"
    next_step = "see what it says, and run this again: what is there is not sent again"
    if last.answer is None:
        why = last.error.reason if last.error else "no answer"
        return Unavailable(what, why=why, next_step=next_step)
    if last.answer.status == 401:
        return CredentialsError(
            f"the receiver at {url} refuses reconstructed deliveries",
            why="it asks for the hook's secret, and this is not it",
            next_step="set OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH, or use --auth-secret-file",
        )
    error = Unavailable if last.answer.status >= 500 else AnswerIsNo
    return error(what, why=f"it answered HTTP {last.answer.status}", next_step=next_step)

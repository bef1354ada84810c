"""Put a rebuilt delivery through the receiver: kept, shown and forwarded like any other."""

from collections.abc import Callable
from typing import Protocol, final

from okhook.errors import AnswerIsNo, CredentialsError, OkhookError, Unavailable
from okhook.hook_call import CallAttempt, deliver, delivery_headers
from okhook.http import HttpClient
from okhook.reconcile.rebuild import Reconstruction
from okhook.record import RECONSTRUCTED_HEADER
from okhook.secret import HookAuth


class Mender(Protocol):
    """Takes rebuilt deliveries in."""

    async def mend(self, missing: Reconstruction) -> None:
        """Have the delivery in the store when this returns.

        Raises:
            OkhookError: the receiver does not take it.

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
        """Post the delivery; an answer of 2xx says that it is kept."""
        headers = delivery_headers(
            self._new_request_id(), self._auth, ((RECONSTRUCTED_HEADER, "1"),)
        )
        call = await deliver(self._http, self._url, headers, missing.body)
        if not call.last.delivered:
            raise _not_taken(self._url, call.last)


def _not_taken(url: str, last: CallAttempt) -> OkhookError:
    if last.answer is None:
        return Unavailable(
            f"the receiver at {url} takes no reconstructed delivery",
            why=last.error.reason if last.error else "no answer",
            next_step="see what it says, and run this again: what is there is not sent again",
        )
    if last.answer.status == 401:
        return CredentialsError(
            f"the receiver at {url} refuses reconstructed deliveries",
            why="it asks for the hook's secret, and this is not it",
            next_step="set OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH, or use --auth-secret-file",
        )
    return AnswerIsNo(
        f"the receiver at {url} takes no reconstructed delivery",
        why=f"it answered HTTP {last.answer.status}",
        next_step="see what it says, and run this again: what is there is not sent again",
    )

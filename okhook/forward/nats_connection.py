"""One connection to a NATS server. It is never opened again: the next attempt opens another."""

import logging
import math
import ssl
from contextlib import suppress
from typing import Final

import anyio
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import PubAck

from okhook.forward.nats_login import login_options
from okhook.http.errors import AnswerLost, HttpError, TimedOut, TlsFailed, connection_fault
from okhook.secret import StreamLogin

_CLOSING_S = 1.0
"""How long closing a connection may take."""

_NEVER_S = 86_400.0
"""Longer than any attempt, which has its own timeout."""

_CLOSED_AFTER_TLS: Final = (
    "the server closed the connection after the TLS handshake; if it asks for a client certificate,"
    " set OKHOOK_NATS_CERTIFICATE"
)


class NotAuthorized(HttpError):
    """The server refused the login, or the login may not publish to the subject."""

    fault = "not authorized"


class NatsConnection:
    """A connection to ``server`` (``HOST:PORT``) for publishing.

    A message that is under way fails as soon as the connection is lost, or the server refuses the
    subject: nats-py alone would wait for the timeout.
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self.is_closed = False
        self._client = Client()
        self.jetstream = self._client.jetstream()
        self._is_opening = True
        self._fault: HttpError | None = None
        self._under_way: dict[anyio.CancelScope, str] = {}
        """The subjects of the messages that are under way."""

    async def open(
        self, login: StreamLogin | None, context: ssl.SSLContext, *, tls: bool, timeout_s: float
    ) -> None:
        """Connect and log in; ``tls`` requires encryption. Raises HttpError.

        ``context`` is for a server that asks for TLS. Nothing else uses it meanwhile.
        """
        _log_nothing()
        try:
            with anyio.fail_after(timeout_s):
                await self._connect(login, context, tls=tls, timeout_s=timeout_s)
        except TimeoutError:
            raise TimedOut(self.server, f"no answer within {timeout_s:g} s") from None
        except HttpError:
            raise
        except Exception as error:
            raise self._why_not_open(error) from error
        finally:
            self._is_opening = False

    async def _connect(
        self, login: StreamLogin | None, context: ssl.SSLContext, *, tls: bool, timeout_s: float
    ) -> None:
        handshakes = context.session_stats()["connect_good"]

        def is_encrypted() -> bool:
            return bool(context.session_stats()["connect_good"] > handshakes)

        def check_encryption() -> None:  # nats-py goes on without TLS if a server offers none
            if tls and not is_encrypted():
                raise TlsFailed(self.server, "the server does not offer TLS; use nats://")

        try:
            await self._client.connect(
                [f"{'tls' if tls else 'nats'}://{self.server}"],
                name="okhook",
                error_cb=self._on_error,
                closed_cb=self._on_closed,
                allow_reconnect=False,
                connect_timeout=math.ceil(timeout_s),
                tls=context,
                **login_options(login, before=check_encryption),
            )
            check_encryption()
            if not self._client.is_connected:  # nats-py takes the end of a connection for an answer
                raise ConnectionResetError("the server closed the connection")
        except (ConnectionError, ssl.SSLError):  # TLS 1.3 reports a refused certificate late
            if is_encrypted():
                raise TlsFailed(self.server, _CLOSED_AFTER_TLS) from None
            raise

    async def publish(self, subject: str, body: bytes, headers: dict[str, str]) -> PubAck:
        """Publish a message to JetStream, and wait for its acknowledgement, without a timeout.

        Raises:
            HttpError: the connection was lost, or the server refuses the subject.
            NatsError: JetStream refuses the message.
            Exception: the answer is not JetStream's.
        """
        with anyio.CancelScope() as scope:
            self._under_way[scope] = subject
            try:
                if self._fault is None:
                    return await self.jetstream.publish(
                        subject, body, timeout=_NEVER_S, headers=headers
                    )
            finally:
                del self._under_way[scope]
        raise self._fault or AnswerLost(self.server, "the server closed the connection")

    @property
    def max_bytes(self) -> int:
        """How large a message may be, with its headers."""
        return self._client.max_payload

    async def close(self) -> None:
        """Close the connection. What is under way fails."""
        self._is_opening = False
        with anyio.move_on_after(_CLOSING_S, shield=True), suppress(Exception):
            await self._client.close()

    async def _on_error(self, error: Exception) -> None:
        """Take an error of nats-py; while connecting, it would try the same server again."""
        if self._is_opening:
            raise error
        said = str(error)
        ours = [f'"{subject.lower()}"' for subject in self._under_way.values()]
        names_ours = any(each in said for each in (*ours, "_inbox."))
        if "permissions violation" in said and names_ours:
            self._fail(NotAuthorized(self.server, said.removeprefix("nats: ").strip("'")))

    async def _on_closed(self) -> None:
        self.is_closed = True
        self._fail(AnswerLost(self.server, "the server closed the connection"))

    def _fail(self, fault: HttpError) -> None:
        self._fault = self._fault or fault
        for scope in self._under_way:
            scope.cancel()

    def _why_not_open(self, error: Exception) -> HttpError:
        said = str(error).removeprefix("nats: ").strip("'")
        if "authorization" in said.lower() or "authentication" in said.lower():
            return NotAuthorized(
                self.server, f"the server refused the login ({said}): see `okhook help streams`"
            )
        if isinstance(error, OSError):
            return connection_fault(self.server, error)
        if isinstance(error, NatsError):
            return AnswerLost(self.server, said or type(error).__name__)
        return AnswerLost(self.server, f"what answers there is not a NATS server ({said})")


def _log_nothing() -> None:
    """Keep from the terminal what nats-py logs of a server that it cannot read.

    It also has asyncio log each connection with TLS that a server closes.
    """
    logging.getLogger("nats").setLevel(logging.CRITICAL + 1)
    logging.getLogger("asyncio").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return "eof_received" not in record.getMessage()

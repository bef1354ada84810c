"""Publish events to a NATS JetStream stream. Imports nats-py, which is an extra."""

import ssl
from typing import Final

import anyio
from nats.errors import Error as NatsError
from nats.js.api import PubAck
from nats.js.errors import APIError, NoStreamResponseError

from okhook.forward.nats_connection import NatsConnection
from okhook.forward.nats_login import check_login, tls_context
from okhook.forward.nats_stream import NO_STREAM, no_acknowledgement, no_stream, short_window
from okhook.forward.publishing import Message, Warn
from okhook.forward.retry import REFUSED
from okhook.forward.sending import Destination, Reply
from okhook.http.errors import AnswerLost, CannotBeSent, EnvironmentFault, HttpError, TimedOut
from okhook.http.network import UnusableEnvironment
from okhook.records.attempt import ALREADY_IN_STREAM, IN_STREAM
from okhook.wire.cloud_event import CONTENT_TYPE
from okhook.wire.nats_url import parse_nats_url

STREAM_FULL: Final = "stream full"

_KEEP_CONNECTION: Final = (None, CannotBeSent.fault, NO_STREAM, STREAM_FULL, REFUSED)
"""Faults after which the connection is still good."""

_TOO_LARGE = 10054
"""JetStream's error for a message that is larger than the stream allows."""

_NOT_STORED = 10077
"""JetStream's error for a message that would exceed a limit of the stream."""

_CHECK: Final = "is there a stream for it, and JetStream on the server?"

_HEADERS_BYTES = 1024
"""More than the headers of a message take."""


class JetStream:
    """A subject of a stream. The connection is opened for the first message that needs it.

    ``warn`` is told if the stream is missing, or forgets message ids sooner than okhook retries.
    """

    def __init__(self, to: Destination, warn: Warn) -> None:
        check_login(to.login)
        self._address = parse_nats_url(to.url)
        self._to = to
        self._warn = warn
        self._servers = list(self._address.servers)
        """The one that was reached last comes first."""
        self._context: ssl.SSLContext | None = None
        self._connection: NatsConnection | None = None
        self._opening = anyio.Lock()
        self._has_looked = False
        """Whether the stream's duplicate window was read, as far as the login may."""

    async def look(self) -> None:
        """Connect, and warn if the stream is missing or its duplicate window is short."""
        try:
            with anyio.fail_after(self._to.timeout_s):
                connection = await self._connected()
        except TimeoutError:
            fault: str | None = "no answer"
        except HttpError as error:
            fault = error.reason
        else:
            missing = await no_stream(connection.jetstream, self._address.subjects)
            fault = None if missing is None else missing.reason
            if missing is None:
                await self._check_window(connection)
        if fault is not None:
            self._warn(f"{self._to.url}: {fault}; events wait meanwhile")

    async def publish(self, message: Message) -> Reply:
        """Publish an event, and wait until JetStream has acknowledged it."""
        timeout_s = self._to.timeout_s
        subject = self._address.subject_for(message.event_type)
        connection = None
        try:
            with anyio.fail_after(timeout_s):
                connection = await self._connected()
                published = await self._published(connection, subject, message)
            reply = published or await self._why_no_stream(connection, subject)
            if reply.accepted:
                await self._check_window(connection)
        except TimeoutError:
            reply = Reply(None, TimedOut.fault, f"no acknowledgement within {timeout_s:g} s")
            if connection is not None and not connection.is_closed:
                subjects = self._address.subjects
                why = await no_acknowledgement(connection.jetstream, subject, subjects)
                reply = why or reply
        except HttpError as error:
            reply = Reply(None, error.fault, error.reason)
        if connection is not None and reply.fault not in _KEEP_CONNECTION:
            await self._drop(connection)
        return reply

    async def _why_no_stream(self, connection: NatsConnection, subject: str) -> Reply:
        unknown = Reply(None, NO_STREAM, f"nothing takes {subject}: {_CHECK}")
        subjects = self._address.subjects
        return await no_stream(connection.jetstream, subject, subjects) or unknown

    async def aclose(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._drop(self._connection)

    async def _drop(self, connection: NatsConnection) -> None:
        """Close a connection. The next message opens another, if none has yet."""
        if self._connection is connection:
            self._connection = None
        await connection.close()

    async def _connected(self) -> NatsConnection:
        """Return an open connection to the first server that takes one, or raise HttpError."""
        async with self._opening:
            if self._connection is not None and not self._connection.is_closed:
                return self._connection
            faults: list[HttpError] = []
            for server in list(self._servers):
                try:
                    self._connection = await self._opened(server)
                except HttpError as fault:
                    faults.append(fault)
                    continue
                self._servers.sort(key=lambda each: each != server)
                return self._connection
            if len(faults) > 1:
                faults[0].reason = "; ".join(f"{each.url}: {each.reason}" for each in faults)
            raise faults[0]

    async def _opened(self, server: str) -> NatsConnection:
        connection = NatsConnection(server)
        try:
            self._context = self._context or tls_context(self._to.login)
            await connection.open(
                self._to.login,
                self._context,
                tls=self._address.tls,
                timeout_s=self._to.timeout_s / len(self._servers),
            )
        except (UnusableEnvironment, OSError) as error:
            raise EnvironmentFault(server, str(error)) from None
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _published(
        self, connection: NatsConnection, subject: str, message: Message
    ) -> Reply | None:
        """Publish an event; return None if nothing takes the subject. Raises HttpError."""
        size = len(message.body) + _HEADERS_BYTES
        if size > connection.max_bytes:
            reason = f"an event has {size} bytes, and the server takes {connection.max_bytes}"
            return Reply(None, CannotBeSent.fault, reason)
        headers = {"Nats-Msg-Id": message.key, "Content-Type": CONTENT_TYPE}
        try:
            ack = await connection.publish(subject, message.body, headers)
        except APIError as error:
            return _refused(error)
        except NoStreamResponseError:
            return None
        except HttpError:
            raise
        except NatsError as error:
            return Reply(None, AnswerLost.fault, str(error).removeprefix("nats: "))
        except Exception:  # noqa: BLE001 - nats-py trusts an answer to be JetStream's
            reason = f"something answers on {subject} that is not JetStream"
            return Reply(None, NO_STREAM, reason)
        return _acknowledged(ack)

    async def _check_window(self, connection: NatsConnection) -> None:
        """Warn once if the stream would not recognise a late retry."""
        needed_s = self._to.retried_for_s
        if self._has_looked or not needed_s:
            return
        self._has_looked = True
        warning = await short_window(connection.jetstream, self._address.subjects, needed_s)
        if warning is not None:
            self._warn(warning)


def _acknowledged(ack: PubAck) -> Reply:
    if ack.duplicate:
        told = f"already in the stream {ack.stream}, as message {ack.seq}"
        return Reply(
            ALREADY_IN_STREAM, answer=told.encode(), answer_type="text/plain", is_repetition=True
        )
    told = f"stream {ack.stream}, message {ack.seq}"
    return Reply(IN_STREAM, answer=told.encode(), answer_type="text/plain")


def _refused(error: APIError) -> Reply:
    said = error.description or f"error {error.err_code}"
    if error.err_code == _TOO_LARGE:
        return Reply(None, CannotBeSent.fault, f"the stream takes no such event: {said}")
    if error.err_code == _NOT_STORED and "maximum" in said:
        remedy = "remove messages, raise its limit, or let it discard old ones"
        return Reply(None, STREAM_FULL, f"the stream is full ({said}): {remedy}")
    return Reply(None, REFUSED, f"the stream refused the event: {said}")

"""Publish events to a NATS JetStream stream. Imports nats-py, which is an extra."""

import shlex
import ssl
from contextlib import suppress
from typing import Final

import anyio
from nats.errors import Error as NatsError
from nats.js.api import PubAck, StreamConfig
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from okhook.forward.nats_connection import NatsConnection
from okhook.forward.nats_login import check_login
from okhook.forward.publishing import Message, Warn
from okhook.forward.retry import REFUSED
from okhook.forward.sending import Destination, Outcome
from okhook.http.client import AnswerLost, CannotBeSent, EnvironmentFault, HttpError, TimedOut
from okhook.http.network import UnusableEnvironment, trusted
from okhook.records.attempt import ALREADY_IN_STREAM, IN_STREAM
from okhook.text import plain
from okhook.wire.cloud_event import CONTENT_TYPE
from okhook.wire.nats_url import parse_nats_url

NO_STREAM: Final = "no stream"
STREAM_FULL: Final = "stream full"

_KEEP_CONNECTION: Final = (None, CannotBeSent.fault, NO_STREAM, STREAM_FULL, REFUSED)
"""Faults after which the connection is still good."""

_TOO_LARGE = 10054
"""JetStream's error for a message that is larger than the stream allows."""

_NOT_STORED = 10077
"""JetStream's error for a message that would exceed a limit of the stream."""

_HEADERS_BYTES = 1024
"""More than the headers of a message take."""

_ASK_S = 2.0
"""How long to wait when JetStream is asked about a stream."""

_NO_JETSTREAM: Final = Outcome(
    None,
    NO_STREAM,
    "the server has no JetStream: start it with `nats-server -js`, or enable it for this account",
)


class JetStream:
    """A subject of a stream. The connection is opened for the first message that needs it.

    ``warn`` is called once if the stream forgets message ids sooner than okhook retries.
    """

    def __init__(self, to: Destination, warn: Warn) -> None:
        check_login(to.login)
        address = parse_nats_url(to.url)
        self._to = to
        self._warn = warn
        self._tls = address.tls
        self._subject = address.subject
        self._servers = list(address.servers)
        """The one that was reached last comes first."""
        self._context: ssl.SSLContext | None = None
        self._connection: NatsConnection | None = None
        self._opening = anyio.Lock()
        self._known_streams: set[str] = set()

    async def publish(self, message: Message) -> Outcome:
        """Publish an event, and wait until JetStream has acknowledged it."""
        timeout_s = self._to.timeout_s
        try:
            with anyio.fail_after(timeout_s):
                outcome = await self._published(await self._connected(), message)
        except TimeoutError:
            silence = Outcome(None, TimedOut.fault, f"no acknowledgement within {timeout_s:g} s")
            outcome = await self._why_silent() or silence
        except HttpError as error:
            outcome = Outcome(None, error.fault, error.reason)
        if outcome.fault not in _KEEP_CONNECTION:
            await self.aclose()
        return outcome

    async def aclose(self) -> None:
        """Close the connection. The next message opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
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
        connection = NatsConnection(server, self._subject)
        try:
            self._context = self._context or trusted()
            await connection.open(
                self._to.login,
                self._context,
                tls=self._tls,
                timeout_s=self._to.timeout_s / len(self._servers),
            )
        except UnusableEnvironment as error:
            raise EnvironmentFault(server, str(error)) from None
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _published(self, connection: NatsConnection, message: Message) -> Outcome:
        size = len(message.body) + _HEADERS_BYTES
        if size > connection.max_bytes:
            reason = f"an event has {size} bytes, and the server takes {connection.max_bytes}"
            return Outcome(None, CannotBeSent.fault, reason)
        headers = {"Nats-Msg-Id": message.key, "Content-Type": CONTENT_TYPE}
        try:
            ack = await connection.publish(message.body, headers)
        except NoStreamResponseError:
            return await self._why_no_stream(connection)
        except APIError as error:
            return _refused(error)
        except NatsError as error:
            return Outcome(None, AnswerLost.fault, str(error).removeprefix("nats: "))
        except HttpError:
            raise
        except Exception:  # noqa: BLE001 - nats-py trusts an answer to be JetStream's
            reason = f"something answers on {self._subject} that is not JetStream"
            return Outcome(None, NO_STREAM, reason)
        await self._check_window(connection, ack.stream)
        return _acknowledged(ack)

    async def _why_no_stream(self, connection: NatsConnection) -> Outcome:
        """Return why nobody answers on the subject."""
        with anyio.move_on_after(_ASK_S), suppress(Exception):
            if await self._stream(connection) is None:
                return self._no_stream()
        return _NO_JETSTREAM

    async def _why_silent(self) -> Outcome | None:
        """Return why no acknowledgement came, if JetStream can tell."""
        connection = self._connection
        if connection is None or connection.is_closed:
            return None
        with anyio.move_on_after(_ASK_S), suppress(Exception):
            name = await self._stream(connection)
            if name is None:
                return self._no_stream()
            if (await self._config(connection, name)).no_ack:
                return Outcome(None, REFUSED, f"the stream {name} acknowledges nothing (no_ack)")
        return None

    def _no_stream(self) -> Outcome:
        create = f"nats stream add OKTA --subjects {shlex.quote(self._subject)}"
        return Outcome(
            None, NO_STREAM, f"no stream takes {self._subject}: create one, as with `{create}`"
        )

    async def _stream(self, connection: NatsConnection) -> str | None:
        """Return the name of the stream that takes the subject, None if there is none."""
        try:
            return await connection.jetstream.find_stream_name_by_subject(self._subject)
        except NotFoundError:
            return None

    async def _config(self, connection: NatsConnection, name: str) -> StreamConfig:
        return (await connection.jetstream.stream_info(name)).config

    async def _check_window(self, connection: NatsConnection, name: str) -> None:
        """Warn if a late retry would not be recognised; without rights to look, do nothing."""
        if not self._to.retried_for_s or name in self._known_streams:
            return
        self._known_streams.add(name)
        with anyio.move_on_after(_ASK_S), suppress(Exception):
            window_s = (await self._config(connection, name)).duplicate_window
            if window_s < self._to.retried_for_s:
                self._warn(_short_window(plain(name), window_s, self._to.retried_for_s))


def _short_window(stream: str, window_s: float, needed_s: float) -> str:
    needed = _minutes(needed_s)
    return (
        f"the stream {stream} recognises a repeated event for {_minutes(window_s)}, but okhook"
        f" retries for up to {needed}: a late retry can be in it twice; run"
        f" `nats stream edit {shlex.quote(stream)} --dupe-window {needed}`"
    )


def _acknowledged(ack: PubAck) -> Outcome:
    if ack.duplicate:
        told = f"already in the stream {ack.stream}, as message {ack.seq}"
        return Outcome(
            ALREADY_IN_STREAM, answer=told.encode(), answer_type="text/plain", is_repetition=True
        )
    told = f"stream {ack.stream}, message {ack.seq}"
    return Outcome(IN_STREAM, answer=told.encode(), answer_type="text/plain")


def _refused(error: APIError) -> Outcome:
    said = error.description or f"error {error.err_code}"
    if error.err_code == _TOO_LARGE:
        return Outcome(None, CannotBeSent.fault, f"the stream takes no such event: {said}")
    if error.err_code == _NOT_STORED and "maximum" in said:
        remedy = "remove messages, raise its limit, or let it discard old ones"
        return Outcome(None, STREAM_FULL, f"the stream is full ({said}): {remedy}")
    return Outcome(None, REFUSED, f"the stream refused the event: {said}")


def _minutes(duration_s: float) -> str:
    """Return a duration as the ``nats`` command takes it, rounded up: ``90s``, ``57m``."""
    return f"{duration_s:.0f}s" if duration_s < 120 else f"{-(-duration_s // 60):.0f}m"

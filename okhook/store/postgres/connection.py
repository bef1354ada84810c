"""Connections to the database, opened when they are needed, and again after they broke.

psycopg's pool is not used: while the database is away, each delivery would wait for the pool's
whole timeout, and only the pool's log would tell why.
"""

import logging
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors
from psycopg.rows import TupleRow

from okhook.store.postgres.faults import named_faults, parameters

Connection = psycopg.Connection[TupleRow]

ANSWER_WITHIN_S = 2.5
"""How long a delivery waits for its commit. Okta waits 3 s for an answer."""

LOCKED_WITHIN_MS = 2_000
"""How long a statement waits for a lock: the server must not go on when nobody waits for it."""

_IDLE_WITHIN_MS = 3_000
"""When the server ends a transaction whose client says nothing: it holds locks of others."""

_DEFAULTS = {
    "application_name": "okhook",
    # Notice within 20 s that a host has gone: the system's own limits are hours.
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


MIGRATING = 0x6F6B686B_00000001
"""An advisory lock: ``okhk``, and a number. Each of them ends with its transaction.

Whoever needs two takes them in this order, after a row of ``okhook.progress`` if it needs that.
"""

APPENDING = 0x6F6B686B_00000002
"""Taken before records get their numbers, so that these are in the order of the commits."""

FORWARDING = 0x6F6B686B_00000003
"""Taken before targets, forwards and attempts change: attempts are numbered as records are."""


def connect(url: str) -> Connection:
    """Return a connection in autocommit mode. Errors are those of psycopg.

    No statement is prepared: a pooler such as PgBouncer may send each to another session.
    """
    log = logging.getLogger("psycopg")
    if not log.handlers:  # else Python prints its warnings where nobody set a log up
        log.addHandler(logging.NullHandler())
    limit = {} if "PGCONNECT_TIMEOUT" in os.environ else {"connect_timeout": "2"}
    known: dict[str, Any] = {**_DEFAULTS, **limit, **parameters(url), "client_encoding": "UTF8"}
    connection = psycopg.connect(autocommit=True, prepare_threshold=None, **known)
    # Whoever waited for a lock must see what its last holder committed.
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    return connection


class Link:
    """One connection for one thread. Another thread can only :meth:`abort` it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._used_since: float | None = None

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend the connection; raise ``StoreFailed``, and open a new one after most errors."""
        with named_faults(self._url):
            self._used_since = time.monotonic()
            try:
                yield self._ready()
            except psycopg.Error as error:
                if isinstance(error, psycopg.OperationalError | errors.ReadOnlySqlTransaction):
                    self.close()  # another connection may do better
                raise
            finally:
                self._used_since = None

    @property
    def is_open(self) -> bool:
        """Whether the connection outlived its last use."""
        return self._connection is not None

    def abort(self) -> None:
        """Break the connection, so that whoever waits for the server fails now."""
        connection = self._connection
        with suppress(OSError, psycopg.Error):
            if connection is not None and not connection.closed:
                with socket.socket(fileno=os.dup(connection.fileno())) as ours:
                    ours.shutdown(socket.SHUT_RDWR)

    def abort_after(self, limit_s: float) -> None:
        """Break the connection if it has been in use for so long."""
        since = self._used_since
        if since is not None and time.monotonic() > since + limit_s:
            self.abort()

    def close(self) -> None:
        """Close the connection; the next use opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _ready(self) -> Connection:
        if self._connection is not None and not _is_alive(self._connection):
            self.close()
        if self._connection is None:
            self._connection = connect(self._url)
        return self._connection


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Commit what the block writes. The server ends it if this process stops in between."""
    with connection.transaction():
        connection.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, true),"
            " set_config('lock_timeout', %s, true)",
            (str(_IDLE_WITHIN_MS), str(LOCKED_WITHIN_MS)),
        )
        yield


def take_lock(connection: Connection, lock: int) -> None:
    """Wait for a lock, and hold it until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock,))


def refuse_read_only(connection: Connection) -> None:
    """Raise the error that a write would cause, if this session cannot write.

    A session stays read-only when its server or database no longer is.
    """
    if connection.execute("SHOW transaction_read_only").fetchone() == ("on",):
        raise errors.ReadOnlySqlTransaction("its sessions are read-only")


def _is_alive(connection: Connection) -> bool:
    """Return whether the server has not ended the connection meanwhile, as far as is known here."""
    if connection.closed:
        return False
    try:
        while select.select([connection.fileno()], [], [], 0)[0]:
            connection.pgconn.consume_input()  # why it ended, and then the end
    except (psycopg.Error, OSError, ValueError):
        return False
    return not connection.closed

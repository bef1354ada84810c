"""Faults of the database, in words that name the store and show no password."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from okhook.config.store_location import without_password
from okhook.errors import InvalidInput, NoStore, StoreAway, StoreFailed, StoreFull
from okhook.text import did_you_mean

_LIBPQ_GUESS = "Is the server running on that host"
_SECRETS = ("password", "sslpassword")

_REFUSALS = ("authentication failed", "no password supplied", "does not exist", "no pg_hba.conf")
"""What a server says if the URL is wrong. No error of a connection has a code."""

_LOGIN_FILES = (
    "put it into ~/.pgpass or the file that PGPASSFILE names, as"
    " HOST:PORT:DATABASE:USER:PASSWORD, which only you may read (chmod 600); or set PGPASSWORD"
)


def parameters(url: str) -> dict[str, str]:
    """Return the connection parameters in a URL, or raise ``InvalidInput`` without showing it."""
    try:
        found = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise _invalid(url) from None
    return {name: str(value) for name, value in found.items() if value is not None}


def _invalid(url: str) -> InvalidInput:
    """Return the fault of a URL that libpq cannot read. It names a parameter, but no value."""
    known = [option.keyword.decode() for option in Conninfo.get_defaults()]
    shown = without_password(url).partition("?")[2]
    for pair in filter(None, shown.split("&")):
        name, equals, _ = pair.partition("=")
        if unquote(name) not in known:
            return InvalidInput(
                f"the URL of the PostgreSQL store has an unknown parameter: {name}",
                next_step=did_you_mean(name, known) or "remove it, or correct its name",
            )
        if not equals:
            return InvalidInput(
                f"the URL of the PostgreSQL store has a parameter without a value: {name}",
                next_step=f"write {name}=VALUE, or remove it",
            )
    return InvalidInput(
        "the URL of the PostgreSQL store is invalid",
        next_step="write it as postgresql://USER@HOST:PORT/DATABASE; escape special characters"
        " as in %40",
    )


@contextmanager
def named_faults(url: str) -> Iterator[None]:
    """Turn an error of PostgreSQL into a ``StoreFailed`` that names the store."""
    try:
        yield
    except (psycopg.Error, OSError, UnicodeError) as error:
        raise store_failed(url, error) from None


def store_failed(url: str, error: Exception) -> StoreFailed:
    """Return ``error`` as a ``StoreFailed`` that names the store, and shows no password."""
    if isinstance(error, StoreFailed):
        return error
    store, why = f"the store {without_password(url)}", _said(url, error)
    match error:
        case errors.UndefinedTable() | errors.InvalidSchemaName():
            return no_store(url)
        case errors.DiskFull():
            return StoreFull(
                f"{store} cannot grow",
                why=why,
                next_step="free disk space on its server, for example with"
                " `okhook deliveries prune`",
            )
        case errors.ReadOnlySqlTransaction():
            return StoreFailed(
                f"{store} is read-only",
                why=why,
                next_step="connect to the primary server: with several hosts in the URL, add"
                " target_session_attrs=read-write",
            )
        case errors.InsufficientPrivilege():
            return StoreFailed(
                f"this role may not use {store}",
                why=why,
                next_step="grant it the rights that `okhook help postgresql` lists",
            )
        case errors.LockNotAvailable() | errors.QueryCanceled():
            return StoreFailed(f"{store} is busy", why=why, next_step="try again")
        case psycopg.OperationalError() if is_away(error):
            kind = StoreFailed if any(each in why for each in _REFUSALS) else StoreAway
            return kind(
                f"{store} cannot be reached",
                why=why,
                next_step=_LOGIN_FILES
                if "no password supplied" in why
                else "check that the server runs, and the host, user and password",
            )
    return StoreFailed(f"{store} cannot be used", why=why)


def is_away(error: psycopg.OperationalError) -> bool:
    """Return whether there is no connection, or none any more: its class is 08, 53 or 57P."""
    state = error.sqlstate or "08000"
    return state.startswith(("08", "53", "57P"))


def no_store(url: str) -> NoStore:
    """Return the fault of a database without a store."""
    return NoStore(
        f"found no store in {without_password(url)}",
        why="okhook has not received anything yet",
        next_step="run `okhook serve` or `okhook up`, or create it with `okhook store migrate`",
    )


def _said(url: str, error: Exception) -> str:
    lines = [line.strip().removeprefix("connection failed: ") for line in str(error).splitlines()]
    kept = (line for line in lines if line and not line.startswith(_LIBPQ_GUESS))
    text = "; ".join(kept) or type(error).__name__
    known = parameters(url)
    for name in _SECRETS:
        for secret in filter(None, (known.get(name), quote(known.get(name, ""), safe=""))):
            text = text.replace(secret, "[hidden]")
    return text.replace(url, without_password(url))

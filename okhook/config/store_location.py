"""Where a store is: a file of this machine, or a database. Only ``okhook.store.open`` opens it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from okhook.config.paths import file_to_write, working_directory
from okhook.config.setting import Setting
from okhook.text import plain

if TYPE_CHECKING:
    from okhook.secret import Secret

_SCHEMES = ("postgresql://", "postgres://")
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Such as ``sqlite:``, which every program reads in another way: a path is clear."""

_CONNECTION_WORDS = re.compile(r"(?:^|\s)(?:host|hostaddr|dbname|service)\s*=")
"""libpq's other way to name a database: ``host=localhost dbname=okhook``."""

_HOSTS = re.compile(r"(?:\[[^\]]*\]|[^:\[\],]*)(?::\d*)?(?:,(?:\[[^\]]*\]|[^:\[\],]*)(?::\d*)?)*")
_SECRETS = ("password", "secret")

_EXPECTED = "a file, such as ./store.db, or a URL like postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """The URL of a PostgreSQL database, as libpq reads it. ``str`` leaves its password out."""

    secret: "Secret"

    def reveal(self) -> str:
        """Return the URL with its password, to connect."""
        return self.secret.reveal()

    def __str__(self) -> str:
        return without_password(self.reveal())


StoreLocation = Path | DatabaseUrl


def read_store_location(found: Setting[Any]) -> StoreLocation:
    """Return the location that a setting names; raise the setting's fault if it names none.

    A flag may not have a password: everybody on the machine can read it in the process list.
    """
    text = found.value
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        raise _unnamed(found, f"expected {_EXPECTED}")
    if (scheme := _scheme_of(text)) is not None:
        return _database(found, scheme + text[len(scheme) :])
    if _CONNECTION_WORDS.search(text):
        raise _unnamed(found, "expected the database as a URL: postgresql://USER@HOST/DATABASE")
    if other := _OTHER_SCHEME.match(text):
        raise _unnamed(found, f"expected {_EXPECTED}; not {plain(other[0], limit=20)}")
    path = file_to_write(text, found.origin)
    return path if path.is_absolute() else working_directory() / path


def without_password(text: str) -> str:
    """Return a location as it may be shown: the URL of a database has no password.

    What stands before the last ``@`` counts as user and password, so that a password with a
    slash in it, which belongs encoded, is not shown either.
    """
    scheme = _scheme_of(text)
    if scheme is None:
        return plain(text)
    rest = text[len(scheme) :]
    login, at, address = rest.rpartition("@")
    user = login.partition(":")[0] if at else ""
    before, question, query = address.partition("?")
    kept = [each for each in query.split("&") if not _is_secret(each)] if question else []
    return plain(f"{scheme}{user}{at}{before}{'?' if kept else ''}{'&'.join(kept)}")


def _scheme_of(text: str) -> str | None:
    """Return the scheme of a database's URL as libpq knows it: capitals are no other scheme."""
    return next((each for each in _SCHEMES if text[: len(each)].lower() == each), None)


def _database(found: Setting[str], url: str) -> DatabaseUrl:
    from okhook.secret import Secret

    if found.from_flag and any(_passwords(url)):
        raise found.fault(
            f"{found.origin} must not have a password",
            why="others on this machine can read it in the process list",
            next_step="leave it out, and put it into ~/.pgpass or the file that PGPASSFILE names;"
            " or set PGPASSWORD, or OKHOOK_STORE to the whole URL",
        )
    hosts = re.split(r"[/?]", url.partition("://")[2].rpartition("@")[2], maxsplit=1)[0]
    if not _HOSTS.fullmatch(hosts):
        raise _unnamed(
            found,
            "expected a URL like postgresql://USER@HOST:PORT/DATABASE;"
            " write special characters of a password as %XX",
        )
    return DatabaseUrl(Secret(url))


def _passwords(url: str) -> Iterator[str]:
    """Yield each part of a URL that may be a password."""
    rest = url.partition("://")[2]
    login, _, _ = rest.rpartition("@")
    yield login.partition(":")[2]
    yield from filter(_is_secret, rest.partition("?")[2].split("&"))


def _is_secret(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return bool(value) and any(word in unquote(name).lower() for word in _SECRETS)


def _unnamed(found: Setting[Any], why: str) -> Exception:
    """Return the fault of a value that is not repeated: it may have a password."""
    return found.fault(f"invalid {found.origin}: {why}")

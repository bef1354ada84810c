"""Who may use the inspector: one-time links, a session, and what a request must show.

The page shows personal data and can send requests. What stops whom:

- The server listens on loopback: no other machine reaches it.
- A link works once, within 12 hours, and not with an inspector that started after it: who finds it
  later in a history, a log or a picture of the screen has nothing.
- ``Host`` must name this server: a site whose name leads to this machine (DNS rebinding) is another
  origin to us. This is checked first, for every path.
- ``Sec-Fetch-Site``, which scripts cannot set, must be ``same-origin``, or ``none`` for the page
  itself: no page of another site or port can fetch, frame, embed or navigate to anything here.
- ``Origin``, if it comes, must be ours: the same again, for a browser that says less, and for
  ``null``, which a sandboxed frame sends.
- The cookie is signed for this port. ``HttpOnly`` keeps it from scripts, ``SameSite=Strict`` from
  requests of other sites, and ``Path`` from most of the user's own servers: to a browser, all ports
  of a host are one site, and share cookies.
- The page key, in a header: a server on another port that leads the browser to its own ``/i-1338/``
  is sent the cookie, and could then imitate every other header. The page key is never in a cookie
  or in the URL of a request. A link hands it over behind the ``#``, and the page keeps it in the
  local storage of its origin, which holds the port. Without it there are only the page's files.

- ``worker-src 'none'``: nothing of this origin registers a service worker. The page removes those
  that another program, which had the port before, left in the browser.

What this does not stop: programs of the same user, who can read the store itself; and a program
that takes the inspector's own port while it is stopped, and is opened there in the same browser.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from okhook.config.paths import run_directory
from okhook.runtime.run_files import os_errors_named

HOST = "127.0.0.1"
"""The address of every inspector: no other machine can reach it."""

SESSION_LIFE = timedelta(days=30)
"""How long a cookie and a page key are valid, and so a bookmark works."""

LINK_LIFE = timedelta(hours=12)

PAGE_KEY_HEADER = "x-okhook-inspector"

_KEY_BYTES = 32
_TIME_BYTES, _RANDOM_BYTES, _SIGNATURE_BYTES = 4, 6, 11
"""Short, so that a link fits one line of a terminal; 88 bits cannot be guessed by asking."""


class Need(Enum):
    """What a request wants, and so what it must show."""

    PAGE = "the page itself"
    FILE = "a file of the page: a script, a style, a picture"
    API = "data, the stream, or an action"


def inspector_key(state: Path) -> bytes:
    """Return the key that signs links and cookies, kept in the state directory for its owner.

    Raises ConfigurationError if the directory cannot be written.
    """
    with os_errors_named(run_directory(state), "write"):
        return _kept_key(state / "inspector.key")


def _kept_key(file: Path) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_KEY_BYTES))
        key = file.read_bytes() if file.exists() else b""
        if len(key) != _KEY_BYTES:
            file.unlink(missing_ok=True)
            # A link, not a rename: of two processes, the first one's key stays.
            os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink(missing_ok=True)
    return file.read_bytes()


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs links, cookies and page keys for the inspector on ``port``."""

    key: bytes
    port: int

    def signed(self, kind: str, now: datetime) -> str:
        """Return a new text of a ``kind``: the time, something random, and a signature."""
        issued = int(now.timestamp()).to_bytes(_TIME_BYTES) + secrets.token_bytes(_RANDOM_BYTES)
        return urlsafe_b64encode(issued + self._signature(kind, issued)).decode()

    def issued_at(self, kind: str, text: str) -> datetime | None:
        """Return when a text was signed; None if it is not one of ours, of this ``kind``."""
        try:
            content = urlsafe_b64decode(text)
        except ValueError:
            return None
        if urlsafe_b64encode(content).decode() != text:
            return None  # another spelling of a link that was used before
        issued, signature = content[:-_SIGNATURE_BYTES], content[-_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(kind, issued)):
            return None
        return datetime.fromtimestamp(int.from_bytes(issued[:_TIME_BYTES]), UTC)

    def _signature(self, kind: str, issued: bytes) -> bytes:
        signed = hmac.new(self.key, f"{kind}:{self.port}:".encode() + issued, hashlib.sha256)
        return signed.digest()[:_SIGNATURE_BYTES]


def link_to(signer: Signer, now: datetime) -> str:
    """Return a URL that opens the inspector once."""
    return f"http://{HOST}:{signer.port}/i-{signer.port}/?token={signer.signed('link', now)}"


def without_token(link: str) -> str:
    """Return the URL of a link alone, which opens nothing but may stand in a log."""
    return link.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Session:
    """What a link gives a browser: a ``Set-Cookie`` header, and the page's key."""

    cookie: str
    page_key: str = field(repr=False)


@dataclass(eq=False, slots=True)
class Access:
    """Decides who may use one running inspector. It accepts no link from before its start."""

    signer: Signer
    now: Callable[[], datetime]
    _started_at: datetime = field(init=False)
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._started_at = self.now() - timedelta(seconds=1)

    @property
    def base(self) -> str:
        """The path beneath which everything is; the cookie goes nowhere else."""
        return f"/i-{self.signer.port}/"

    def session_for(self, link_token: str) -> Session | None:
        """Return the session for a link that is valid and was not used yet, else None."""
        issued_at, now = self.signer.issued_at("link", link_token), self.now()
        if issued_at is None or link_token in self._used:
            return None
        if not max(self._started_at, now - LINK_LIFE) <= issued_at:
            return None
        self._used.add(link_token)
        cookie = (
            f"{self._cookie_name}={self.signer.signed('cookie', now)}; Path={self.base};"
            f" Max-Age={int(SESSION_LIFE.total_seconds())}; HttpOnly; SameSite=Strict"
        )
        return Session(cookie, self.signer.signed("page", now))

    def why_refused(self, headers: Mapping[str, str], need: Need) -> str | None:
        """Return why a request is refused, None if it may have what it ``need``s."""
        if (refusal := self.why_foreign(headers, need)) is not None:
            return refusal
        cookies = _cookies(headers.get("cookie", ""), self._cookie_name)
        has_cookie = any(self._is_valid("cookie", each) for each in cookies)
        has_key = need is not Need.API or self._is_valid("page", headers.get(PAGE_KEY_HEADER, ""))
        if has_cookie and has_key:
            return None
        return "this browser has not opened a link from okhook, or its session has expired"

    def why_foreign(self, headers: Mapping[str, str], need: Need) -> str | None:
        """Return why a request may come from a page that is not ours, None if it does not."""
        origins = ("same-origin", "none") if need is Need.PAGE else ("same-origin",)
        if headers.get("sec-fetch-site") not in origins:
            return "the request does not come from this page"
        origin = headers.get("origin")
        if origin is not None and origin not in [f"http://{host}" for host in self._hosts]:
            return "the Origin header names another page"
        return None

    def why_another_host(self, hosts: Sequence[str]) -> str | None:
        """Return that a request with these ``Host`` headers is for another server, else None."""
        is_ours = len(hosts) == 1 and hosts[0] in self._hosts
        return None if is_ours else "the Host header names another server"

    def _is_valid(self, kind: str, text: str) -> bool:
        issued_at = self.signer.issued_at(kind, text)
        return issued_at is not None and issued_at >= self.now() - SESSION_LIFE

    @property
    def _hosts(self) -> tuple[str, str]:
        return f"{HOST}:{self.signer.port}", f"localhost:{self.signer.port}"

    @property
    def _cookie_name(self) -> str:
        return f"okhook-inspector-{self.signer.port}"


def _cookies(header: str, name: str) -> list[str]:
    """Return all cookies of a name: a page on another port can put one of its own before ours."""
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return [value for key, _, value in pairs if key == name]

"""Who may use the inspector: one-time links, a signed cookie, and what a request must show.

The page shows personal data and can send requests, so a page of another site, or of another port
of this machine, must not reach it. A cookie does not know ports: its name and path hold the port,
its signature too. The browser itself tells where a request comes from, in ``Sec-Fetch-Site``.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

HOST = "127.0.0.1"
"""The address of every inspector: no other machine can reach it."""

COOKIE_LIFE = timedelta(days=30)
LINK_LIFE = timedelta(hours=12)

OUR_HEADER = "x-okhook-inspector"
"""Only our own page sends it: another page may not, without leave that we never give."""

_KEY_BYTES = 32
_TIME_BYTES, _RANDOM_BYTES, _SIGNATURE_BYTES = 4, 6, 11
"""Short, so that a link fits one line of a terminal; 88 bits cannot be guessed by asking."""


class Need(Enum):
    """What a request wants, and so what it must show."""

    PAGE = "the page itself"
    READ = "a file or data"
    ACT = "a stream, or an action"


def inspector_key(state: Path) -> bytes:
    """Return the key that signs links and cookies, kept in the state directory for its owner."""
    file = state / "inspector.key"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
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
    """Signs links and cookies for the inspector on ``port``."""

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

    def cookie_for(self, link_token: str) -> str | None:
        """Return the ``Set-Cookie`` for a link that is valid and was not used yet, else None."""
        issued_at, now = self.signer.issued_at("link", link_token), self.now()
        if issued_at is None or link_token in self._used:
            return None
        if not max(self._started_at, now - LINK_LIFE) <= issued_at:
            return None
        self._used.add(link_token)
        return (
            f"{self._cookie_name}={self.signer.signed('cookie', now)}; Path={self.base};"
            f" Max-Age={int(COOKIE_LIFE.total_seconds())}; HttpOnly; SameSite=Strict"
        )

    def why_refused(self, headers: Mapping[str, str], need: Need) -> str | None:
        """Return why a request is refused, None if it may have what it ``need``s."""
        if (refusal := self.why_foreign(headers, need)) is not None:
            return refusal
        oldest = self.now() - COOKIE_LIFE
        for cookie in _cookies(headers.get("cookie", ""), self._cookie_name):
            issued_at = self.signer.issued_at("cookie", cookie)
            if issued_at is not None and issued_at >= oldest:
                return None
        return "this browser has not opened a link from okhook, or its session has expired"

    def why_foreign(self, headers: Mapping[str, str], need: Need) -> str | None:
        """Return why a request may come from a page that is not ours, None if it does not."""
        port = self.signer.port
        hosts = (f"{HOST}:{port}", f"localhost:{port}")
        if headers.get("host", "") not in hosts:
            return "the Host header names another server"
        origins = ("same-origin", "none") if need is Need.PAGE else ("same-origin",)
        if headers.get("sec-fetch-site") not in origins:
            return "the request does not come from this page"
        if need is Need.ACT and headers.get(OUR_HEADER) != "1":
            return "the request does not come from this page's own scripts"
        origin = headers.get("origin")
        if origin is not None and origin not in [f"http://{host}" for host in hosts]:
            return "the Origin header names another page"
        return None

    @property
    def _cookie_name(self) -> str:
        return f"okhook-inspector-{self.signer.port}"


def _cookies(header: str, name: str) -> list[str]:
    """Return all cookies of a name: a page on another port can put one of its own before ours."""
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return [value for key, _, value in pairs if key == name]

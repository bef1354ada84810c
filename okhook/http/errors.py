"""The failures of the HTTP client, each with a word for its kind."""

import os
import socket
from typing import ClassVar
from urllib.parse import urlsplit

from okhook.http.proxies import proxy_of, variable_of

_UNTRUSTED = (18, 19, 20, 21)
"""OpenSSL's codes for a certificate that no trusted authority has signed."""


class HttpError(Exception):
    """There was no answer from ``url``. ``fault`` is the kind in a word or two."""

    fault: ClassVar[str] = "no answer"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(reason)
        self.url = url
        self.reason = reason


class NameNotFound(HttpError):
    """DNS does not know the host."""

    fault = "name not found"


class ConnectionFailed(HttpError):
    """No connection: refused, unreachable, or the proxy failed."""

    fault = "no connection"


class TlsFailed(HttpError):
    """The TLS handshake failed, or the certificate is invalid."""

    fault = "TLS failed"


class EnvironmentFault(HttpError):
    """The environment names a proxy or certificates that cannot be used; nothing was sent."""

    fault = "environment"


class TimedOut(HttpError):
    """No complete answer within the timeout."""

    fault = "timeout"


class AnswerLost(HttpError):
    """The connection broke before the answer was read; the request may have arrived."""

    fault = "connection lost"


class CannotBeSent(HttpError):
    """The request contains what HTTP cannot carry, so it was not sent."""

    fault = "cannot be sent"


def request_fault(url: str, error: Exception) -> HttpError:
    """Return the fault of a connection, which may have gone through the environment's proxy."""
    import urllib.request

    proxied = proxy_of(url, urllib.request.getproxies())
    proxy = f"the proxy in {variable_of(urlsplit(url).scheme)}" if proxied else None
    return connection_fault(url, error, proxy=proxy)


def connection_fault(url: str, error: Exception, *, proxy: str | None = None) -> HttpError:
    """Tell DNS, TLS and connection faults apart by the causes of ``error``."""
    import ssl

    cause: BaseException | None = error
    while cause is not None:
        root, cause = cause, cause.__cause__ or cause.__context__
        if isinstance(root, ssl.SSLError):
            reason = getattr(root, "verify_message", "") or root.reason or str(root)
            if getattr(root, "verify_code", None) in _UNTRUSTED:
                reason = f"{reason}; to trust it, set SSL_CERT_FILE to a file that contains it"
            return TlsFailed(url, f"through {proxy}: {reason}" if proxy else str(reason))
        if isinstance(root, socket.gaierror):
            reason = f"could not resolve the name: {root.strerror or root}"
            if proxy:
                return ConnectionFailed(url, f"{proxy}: {reason}")
            return NameNotFound(url, reason)
    by_number = os.strerror(root.errno) if isinstance(root, OSError) and root.errno else None
    reason = by_number or str(error)
    return ConnectionFailed(url, f"{proxy}: {reason}" if proxy else reason)

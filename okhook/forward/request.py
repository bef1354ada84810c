"""What goes to an app: the stored headers, less what belonged to their own journey. Pure."""

from urllib.parse import urlsplit

from okhook.records.record import Record
from okhook.secret import HIDDEN, HookAuth
from okhook.wire.org import is_loopback

HeaderPairs = tuple[tuple[bytes, bytes], ...]

DELIVERY_HEADER = b"X-Okhook-Delivery"
ATTEMPT_HEADER = b"X-Okhook-Attempt"

_LEFT_OUT = frozenset(
    {
        # of one connection, not of the request (RFC 9110, 7.6.1)
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        # set again for each request
        b"accept-encoding",
        b"content-length",
        b"expect",
        b"host",
        DELIVERY_HEADER.lower(),
        ATTEMPT_HEADER.lower(),
    }
)


def may_have_secret(url: str, *, send_secret: bool) -> bool:
    """Tell whether the hook's secret goes along to ``url``: on this machine, or where asked for."""
    return send_secret or is_loopback(urlsplit(url).hostname or "")


def request_headers(
    record: Record, number: int, *, url: str, auth: HookAuth | None, send_secret: bool
) -> HeaderPairs:
    """Return the headers with which a stored delivery goes to ``url`` as attempt ``number`` (1 …).

    They are the stored pairs in their order, without those of one connection and without secrets,
    and then which delivery and attempt it is. ``auth``, the hook's secret, is put back only where
    ``url`` may have it. What was stored of it before it was known to be one never goes out.
    """
    left_out = _LEFT_OUT | _named_by_connection(record.request.headers)
    if auth is not None:
        left_out |= {auth.field.lower().encode()}
    kept = [
        (name, value.strip(b" \t"))
        for name, value in record.request.headers
        if name.lower() not in left_out and not _is_secret(value, auth)
    ]
    added = [
        (DELIVERY_HEADER, str(record.seq).encode()),
        (ATTEMPT_HEADER, str(number).encode()),
    ]
    if auth is not None and may_have_secret(url, send_secret=send_secret):
        field, secret = auth.header()
        added.append((field.encode(), secret.encode()))
    return (*kept, *added)


def _is_secret(value: bytes, auth: HookAuth | None) -> bool:
    return value == HIDDEN or (auth is not None and auth.secret.occurs_in(value))


def _named_by_connection(headers: HeaderPairs) -> frozenset[bytes]:
    """Return the headers that ``Connection`` declares to be its own."""
    values = [value for name, value in headers if name.lower() == b"connection"]
    return frozenset(word.strip().lower() for value in values for word in value.split(b","))

"""What goes to an app: the stored headers, less what belonged to their own journey. Pure."""

from urllib.parse import urlsplit

from okhook.records.record import Record
from okhook.secret import HIDDEN, HookAuth
from okhook.wire.org import is_loopback

HeaderPairs = tuple[tuple[bytes, bytes], ...]

DELIVERY_HEADER = b"X-Okhook-Delivery"
ATTEMPT_HEADER = b"X-Okhook-Attempt"

_OF_ONE_CONNECTION = (
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    b" transfer-encoding upgrade"
)
"""Not of the request: RFC 9110, 7.6.1."""

_SET_AGAIN = b"accept-encoding content-length expect host x-okhook-delivery x-okhook-attempt"

_LEFT_OUT = frozenset([*_OF_ONE_CONNECTION.split(), *_SET_AGAIN.split()])


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
        if name.lower() not in left_out
        and value != HIDDEN
        and not (auth is not None and auth.secret.occurs_in(value))
    ]
    added = [
        (DELIVERY_HEADER, str(record.seq).encode()),
        (ATTEMPT_HEADER, str(number).encode()),
    ]
    if auth is not None and may_have_secret(url, send_secret=send_secret):
        field, secret = auth.header()
        added.append((field.encode(), secret.encode()))
    return (*kept, *added)


def _named_by_connection(headers: HeaderPairs) -> frozenset[bytes]:
    """Return the headers that ``Connection`` declares to be its own."""
    values = [value for name, value in headers if name.lower() == b"connection"]
    return frozenset(word.strip().lower() for value in values for word in value.split(b","))

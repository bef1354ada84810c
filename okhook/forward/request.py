"""The headers of a forward: those that were stored, without those of their connection. Pure."""

from urllib.parse import urlsplit

from okhook.records.record import Record
from okhook.secret import HIDDEN, HookAuth
from okhook.wire.org import is_loopback

HeaderPairs = tuple[tuple[bytes, bytes], ...]

DELIVERY_HEADER = b"X-Okhook-Delivery"
ATTEMPT_HEADER = b"X-Okhook-Attempt"

_HOP_BY_HOP = (
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    b" transfer-encoding upgrade"
)
"""Headers of one connection: RFC 9110, 7.6.1."""

_SET_AGAIN = b"accept-encoding content-length expect host x-okhook-delivery x-okhook-attempt"

_OMITTED = frozenset([*_HOP_BY_HOP.split(), *_SET_AGAIN.split()])


def may_have_secret(url: str, *, send_secret: bool) -> bool:
    """Return whether ``url`` gets the hook's secret: on this machine, or with ``send_secret``."""
    return send_secret or is_loopback(urlsplit(url).hostname or "")


def request_headers(
    record: Record, number: int, *, url: str, auth: HookAuth | None, send_secret: bool
) -> HeaderPairs:
    """Return the headers of attempt ``number`` (1 …) to send a stored delivery to ``url``.

    They are the stored headers in their order, without those of one connection and without
    secrets; then the number of the delivery and of the attempt; then ``auth``, the hook's secret,
    if ``url`` may have it. A stored header that contains the secret is removed.
    """
    omitted = _OMITTED | _named_by_connection(record.request.headers)
    if auth is not None:
        omitted |= {auth.field.lower().encode()}
    kept = [
        (name, value.strip(b" \t"))
        for name, value in record.request.headers
        if name.lower() not in omitted
        and value != HIDDEN
        and not (auth is not None and auth.secret.occurs_in(value))
    ]
    kept += [
        (DELIVERY_HEADER, str(record.seq).encode()),
        (ATTEMPT_HEADER, str(number).encode()),
    ]
    if auth is not None and may_have_secret(url, send_secret=send_secret):
        field, secret = auth.header()
        kept.append((field.encode(), secret.encode()))
    return tuple(kept)


def _named_by_connection(headers: HeaderPairs) -> frozenset[bytes]:
    """Return the names of the headers that ``Connection`` lists."""
    values = [value for name, value in headers if name.lower() == b"connection"]
    return frozenset(word.strip().lower() for value in values for word in value.split(b","))

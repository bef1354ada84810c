"""The headers that go to an app."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.forward.sending import Destination, may_have_secret, request_headers
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.secret import HIDDEN, HookAuth, Secret
from okhook.wire.delivery import HeaderPairs
from tests.support.records import post

LOCAL = "http://localhost:3000/hook"
ELSEWHERE = "https://app.example.com/hook"
AUTH = HookAuth("X-Hook-Key", Secret("s3cret"))
OURS: HeaderPairs = ((b"X-Okhook-Delivery", b"42"), (b"X-Okhook-Attempt", b"3"))


def record(*headers: tuple[bytes, bytes], duplicate_of: int | None = None) -> Record:
    request = post(b"{}", *headers)
    return Record(42, RecordKind.DELIVERY, request, 204, None, AuthOutcome.NOT_ASKED, duplicate_of)


def sent(
    *headers: tuple[bytes, bytes],
    url: str = LOCAL,
    auth: HookAuth | None = None,
    send_secret: bool = False,
) -> HeaderPairs:
    return request_headers(record(*headers), 3, Destination(url, auth, send_secret))


def test_okta_s_headers_are_sent_as_received() -> None:
    """In order, with repeated ones and bytes that are not text; then okhook's own."""
    headers = (
        (b"accept", b"application/json"),
        (b"content-type", b"application/json"),
        (b"x-a", b"1"),
        (b"user-agent", b"Okta Hook Service"),
        (b"x-a", b"\xff\x01"),
        (b"x-empty", b""),
    )
    assert sent(*headers) == headers + OURS


@pytest.mark.parametrize(
    "name",
    [
        b"Connection",
        b"keep-alive",
        b"Proxy-Authorization",
        b"TE",
        b"Trailer",
        b"Transfer-Encoding",
        b"Upgrade",
        b"host",
        b"Content-Length",
        b"Accept-Encoding",
        b"Expect",
        b"x-okhook-delivery",
        b"X-Okhook-Attempt",
        b"x-okhook-duplicate-of",
    ],
)
def test_hop_by_hop_headers_are_removed(name: bytes) -> None:
    """In upper and lower case."""
    assert sent((name, b"7"), (b"x-b", b"2")) == ((b"x-b", b"2"), *OURS)


def test_headers_listed_in_connection_are_removed() -> None:
    """They are for one hop only."""
    headers = ((b"connection", b"close, X-Hop"), (b"x-hop", b"1"), (b"close", b"2"))
    assert sent(*headers, (b"x-b", b"3")) == ((b"x-b", b"3"), *OURS)


def test_space_around_a_value_is_removed() -> None:
    """HTTP does not allow it, and it must not block a delivery."""
    assert sent((b"x-a", b" \t1 2\t ")) == ((b"x-a", b"1 2"), *OURS)


def test_a_masked_value_is_never_sent() -> None:
    """A header that was hidden in the store is removed."""
    assert sent((b"authorization", HIDDEN), (b"x-b", b"not [hidden]")) == (
        (b"x-b", b"not [hidden]"),
        *OURS,
    )


def test_a_duplicate_names_the_first_delivery_field_01() -> None:
    """The app can tell a repetition, and what it repeats."""
    repeated = record((b"X-Okhook-Duplicate-Of", b"7"), duplicate_of=41)
    headers = request_headers(repeated, 3, Destination(LOCAL))
    assert headers == (*OURS, (b"X-Okhook-Duplicate-Of", b"41"))


@pytest.mark.parametrize(
    ("url", "send_secret", "goes"),
    [
        (LOCAL, False, True),
        ("http://127.0.0.1:1/x", False, True),
        ("http://127.8.8.8/x", False, True),
        ("https://[::1]:8443/x", False, True),
        (ELSEWHERE, False, False),
        ("http://192.168.1.2/x", False, False),
        ("http://localhost.example.com/x", False, False),
        ("http://127.0.0.1.example.com/x", False, False),
        (ELSEWHERE, True, True),
        (LOCAL, True, True),
    ],
)
def test_the_secret_is_sent_to_loopback_only(url: str, send_secret: bool, goes: bool) -> None:
    """Other machines get it only with ``send_secret``."""
    headers = sent((b"x-hook-key", HIDDEN), url=url, auth=AUTH, send_secret=send_secret)
    assert headers == ((*OURS, (b"X-Hook-Key", b"s3cret")) if goes else OURS)
    assert may_have_secret(url, send_secret=send_secret) is goes


@pytest.mark.parametrize("url", [LOCAL, ELSEWHERE])
def test_a_secret_stored_in_the_clear_is_not_sent(url: str) -> None:
    """A receiver without a configured secret stored it."""
    headers = ((b"X-Hook-Key", b"an older one"), (b"x-copy", b"Bearer s3cret"), (b"x-b", b"2"))
    went = sent(*headers, url=url, auth=AUTH)
    assert went[:3] == ((b"x-b", b"2"), *OURS)
    assert [pair for pair in went if b"s3cret" in pair[1]] == [
        (b"X-Hook-Key", b"s3cret") for _ in range(url == LOCAL)
    ]


def test_a_secret_that_is_not_ascii_is_sent_as_utf8() -> None:
    """These are the bytes that the receiver compares."""
    auth = HookAuth("Authorization", Secret("geheimnüs"))
    assert sent(auth=auth)[-1] == (b"Authorization", "geheimnüs".encode())


@given(st.lists(st.tuples(st.binary(), st.binary())))
def test_any_headers_keep_their_order(headers: list[tuple[bytes, bytes]]) -> None:
    """Some are removed; the others lose only the space around them."""
    went = list(sent(*headers))
    assert went[-2:] == list(OURS)
    stripped = iter([(name, value.strip(b" \t")) for name, value in headers])
    assert all(pair in stripped for pair in went[:-2])

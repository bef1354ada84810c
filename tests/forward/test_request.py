"""The headers that go to an app."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.forward.request import HeaderPairs, may_have_secret, request_headers
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.secret import HIDDEN, HookAuth, Secret
from tests.support.records import post

LOCAL = "http://localhost:3000/hook"
ELSEWHERE = "https://app.example.com/hook"
AUTH = HookAuth("X-Hook-Key", Secret("s3cret"))
OURS: HeaderPairs = ((b"X-Okhook-Delivery", b"42"), (b"X-Okhook-Attempt", b"3"))


def record(*headers: tuple[bytes, bytes]) -> Record:
    return Record(
        42, RecordKind.DELIVERY, post(b"{}", *headers), 204, None, AuthOutcome.NOT_ASKED, None
    )


def sent(
    *headers: tuple[bytes, bytes],
    url: str = LOCAL,
    auth: HookAuth | None = None,
    send_secret: bool = False,
) -> HeaderPairs:
    return request_headers(record(*headers), 3, url=url, auth=auth, send_secret=send_secret)


def test_okta_s_headers_go_as_they_came() -> None:
    """In their order, repeated ones too, and bytes that are no text; then ours."""
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
    ],
)
def test_what_belongs_to_one_connection_stays_behind(name: bytes) -> None:
    """In any case of letters; it is said anew by whoever sends now."""
    assert sent((name, b"7"), (b"x-b", b"2")) == ((b"x-b", b"2"), *OURS)


def test_what_connection_names_stays_behind_with_it() -> None:
    """A header that its sender declared to be for one hop goes no further."""
    headers = ((b"connection", b"close, X-Hop"), (b"x-hop", b"1"), (b"close", b"2"))
    assert sent(*headers, (b"x-b", b"3")) == ((b"x-b", b"3"), *OURS)


def test_space_around_a_value_is_not_part_of_it() -> None:
    """HTTP carries none there, so a parser that left some must not keep a delivery from going."""
    assert sent((b"x-a", b" \t1 2\t ")) == ((b"x-a", b"1 2"), *OURS)


def test_a_masked_value_never_goes_out() -> None:
    """What was hidden from the store is no header to send."""
    assert sent((b"authorization", HIDDEN), (b"x-b", b"not [hidden]")) == (
        (b"x-b", b"not [hidden]"),
        *OURS,
    )


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
def test_the_secret_stays_on_this_machine(url: str, send_secret: bool, goes: bool) -> None:
    """It is put back for loopback; for others only where that was asked for."""
    headers = sent((b"x-hook-key", HIDDEN), url=url, auth=AUTH, send_secret=send_secret)
    assert headers == ((*OURS, (b"X-Hook-Key", b"s3cret")) if goes else OURS)
    assert may_have_secret(url, send_secret=send_secret) is goes


@pytest.mark.parametrize("url", [LOCAL, ELSEWHERE])
def test_a_secret_that_was_stored_unknowingly_stays_behind(url: str) -> None:
    """A receiver that was told of no secret stored it in the clear; it does not go out so."""
    headers = ((b"X-Hook-Key", b"an older one"), (b"x-copy", b"Bearer s3cret"), (b"x-b", b"2"))
    went = sent(*headers, url=url, auth=AUTH)
    assert went[:3] == ((b"x-b", b"2"), *OURS)
    assert [pair for pair in went if b"s3cret" in pair[1]] == [
        (b"X-Hook-Key", b"s3cret") for _ in range(url == LOCAL)
    ]


def test_a_secret_beyond_ascii_goes_as_the_bytes_that_matched() -> None:
    """The receiver compares UTF-8; the app gets the same bytes."""
    auth = HookAuth("Authorization", Secret("geheimnüs"))
    assert sent(auth=auth)[-1] == (b"Authorization", "geheimnüs".encode())


@given(st.lists(st.tuples(st.binary(), st.binary())))
def test_any_headers_keep_their_order(headers: list[tuple[bytes, bytes]]) -> None:
    """What goes out is what was stored with some left out, without the space around it."""
    went = list(sent(*headers))
    assert went[-2:] == list(OURS)
    stripped = iter([(name, value.strip(b" \t")) for name, value in headers])
    assert all(pair in stripped for pair in went[:-2])

"""The verification challenge and its echo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.wire.delivery import answer_body, challenge_of, echo_of


@given(st.text())
def test_the_answer_repeats_the_challenge(challenge: str) -> None:
    """The answer to any challenge echoes just that challenge."""
    assert echo_of(answer_body(challenge)) == challenge


@given(st.binary(min_size=1))
def test_a_challenge_of_any_bytes_is_read_without_loss(value: bytes) -> None:
    """A header value is bytes: each comes back, in the one character that it is."""
    challenge = challenge_of([(b"host", b"x"), (b"x-okta-verification-challenge", value)])
    assert challenge is not None
    assert challenge.encode("latin-1") == value


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ([(b"X-Okta-Verification-Challenge", b"abc")], "abc"),
        ([(b"X-OKTA-VERIFICATION-CHALLENGE", b"abc")], "abc"),
        ([(b"x-okta-verification-challenge", b"")], None),
        ([(b"x-okta-verification-challenge", b""), (b"x-okta-verification-challenge", b"b")], "b"),
        ([(b"x-okta-verification-challenges", b"abc")], None),
        ([], None),
    ],
)
def test_a_challenge_is_found_by_its_header(
    headers: list[tuple[bytes, bytes]], challenge: str | None
) -> None:
    """In any case; an empty one is none."""
    assert challenge_of(headers) == challenge


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"abc",
        b'"abc"',
        b"[]",
        b"null",
        b"{}",
        b'{"verification": null}',
        b'{"verification": 1}',
        b'{"Verification": "abc"}',
        b"\xff",
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_echoes_nothing_is_none(body: bytes) -> None:
    """An answer that is not the documented object echoes nothing, however it looks."""
    assert echo_of(body) is None


@given(st.binary())
def test_no_answer_is_too_strange_to_read(body: bytes) -> None:
    """Whatever an endpoint answers is an echo or None."""
    assert echo_of(body) is None or isinstance(echo_of(body), str)

"""Secrets, which nothing shows by accident."""

import base64
import copy
import json
import pickle
import traceback
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import OkhookError
from okhook.secret import HookAuth, Secret, may_carry_credential

VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12)
"""Long enough not to stand in a class's name or in the mask by chance."""


@dataclass
class Holder:
    """A dataclass as ours are: its repr shows its members."""

    name: str
    secret: Secret


@given(VALUES)
def test_a_secret_shows_nowhere(value: str) -> None:
    """Not in str, repr, any format, a dataclass's repr, a container or an error's text."""
    secret = Secret(value)
    auth = HookAuth("Authorization", secret)
    shown = [
        str(secret),
        repr(secret),
        f"{secret}{secret!r}{secret!s}",
        format(secret),
        "%s %r" % (secret, secret),  # noqa: UP031 - the old way of formatting is what is tested
        repr(Holder("n", secret)),
        repr(auth),
        str([secret]) + str({"k": secret}),
        "".join(traceback.format_exception(OkhookError("x", why=f"{secret}"))),
    ]
    assert all(value not in text for text in shown)


@given(VALUES)
def test_a_secret_does_not_leave_the_process(value: str) -> None:
    """It cannot be pickled or copied by way of pickling, nor be turned into JSON."""
    secret = Secret(value)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="does not leave"):
            pickle.dumps(secret, protocol)
    with pytest.raises(TypeError, match="does not leave"):
        copy.copy(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert not hasattr(secret, "__dict__")


@given(VALUES, VALUES)
def test_only_itself_matches(value: str, other: str) -> None:
    """A header's bytes match when they are the value, and not otherwise."""
    secret = Secret(value)
    assert secret.matches(value.encode())
    assert secret.matches(other.encode()) == (value == other)
    assert not secret.matches(value.encode() + b" ")
    assert not secret.matches(b"")
    assert (secret == Secret(other)) == (value == other)
    assert secret != value
    assert secret.reveal() == value


@given(st.text(min_size=1).filter(lambda text: text.isprintable()), st.binary())
def test_any_bytes_can_be_compared(value: str, candidate: bytes) -> None:
    """What comes from a socket is compared as bytes, and never fails."""
    assert Secret(value).matches(candidate) == (value.encode() == candidate)


@given(VALUES, st.binary(), st.binary())
def test_it_is_found_in_what_holds_it(value: str, before: bytes, after: bytes) -> None:
    """Whether a body holds the secret can be asked without showing it."""
    assert Secret(value).occurs_in(before + value.encode() + after)
    assert not Secret(value).occurs_in(value.encode()[:-1])


def test_an_empty_secret_is_none() -> None:
    """An empty value would match an absent one."""
    with pytest.raises(ValueError, match="empty"):
        Secret("")


def test_a_secret_has_no_hash() -> None:
    """It is no key of a dictionary."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Secret("s3cret"))


def test_basic_authentication_is_the_whole_header() -> None:
    """The scheme stands in the value, with the pair in base64, in UTF-8, colons included."""
    auth = HookAuth.basic(Secret("jöe:pass:word"))
    field, value = auth.header()
    assert field == "Authorization"
    scheme, _, encoded = value.partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == "jöe:pass:word"


def test_basic_authentication_needs_a_colon_and_keeps_the_secret() -> None:
    """The message says what is missing, and does not repeat the value."""
    with pytest.raises(ValueError, match="USER:PASSWORD") as refused:
        HookAuth.basic(Secret("hunter2hunter2"))
    assert "hunter2" not in str(refused.value)


def test_the_header_is_the_pair_for_the_wire() -> None:
    """The field as given, and the value as registered."""
    assert HookAuth("X-Key", Secret("abc")).header() == ("X-Key", "abc")


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "proxy-authorization", "Cookie", "set-cookie", "x-api-key", "apikey",
        "X-Hook-Key", "x-key-id", "x-acme-token", "X-Secret", "x-hub-signature-256", "x-sig",
        "x-hookdeck-signature", "x-password", "x-auth", "x_auth_token", "x-session-id", "x-jwt",
    ],
)  # fmt: skip
def test_headers_that_may_carry_a_credential(name: str) -> None:
    """Whatever a hook's secret or another's is usually called."""
    assert may_carry_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "accept", "content-type", "content-length", "user-agent", "host", "keep-alive",
        "x-okta-request-id", "x-forwarded-for", "x-hookdeck-eventid", "x-hookdeck-event-url",
        "x-okta-verification-challenge", ":authority", "x-author", "x-design",
    ],
)  # fmt: skip
def test_headers_that_carry_none(name: str) -> None:
    """What Okta, Hookdeck and every proxy send is no secret."""
    assert not may_carry_credential(name)

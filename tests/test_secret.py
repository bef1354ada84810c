"""Secrets, which nothing shows by accident."""

import base64
import copy
import html
import json
import pickle
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
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
    assume(value not in "Authorization")
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


SPELLINGS: list[Callable[[str], str]] = [
    str,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: text.replace("/", r"\/"),
    html.escape,
    lambda text: html.escape(html.escape(text)),
    lambda text: "".join(f"&#{ord(each)};" if not each.isalnum() else each for each in text),
    quote,
    quote_plus,
    lambda text: quote(text, safe=""),
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    lambda text: quote(base64.b64encode(text.encode()).decode(), safe=""),
]
"""What an app's answer may do with what it was sent."""


IN_HEADERS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=12, max_size=40)


@given(IN_HEADERS, st.sampled_from(SPELLINGS))
def test_a_secret_is_hidden_however_it_is_spelled(
    value: str, spelled: Callable[[str], str]
) -> None:
    """A page with a traceback, a JSON error or a redirect encodes what it repeats."""
    answer = f"before {spelled(value)} after".encode("utf-8", "replace")
    hidden = HookAuth("Authorization", Secret(value)).hidden_in(answer)
    assert re.fullmatch(rb"before \[hidden\]=*(?:%3D)* after", hidden), hidden


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_each_part_of_http_basic_is_hidden(spelled: Callable[[str], str]) -> None:
    """An app may show the user and the password that it decoded, or only the password."""
    auth = HookAuth.basic(Secret("okta:p'ss & w\"rd/1"))
    for part in (auth.secret.reveal(), "okta:p'ss & w\"rd/1", "p'ss & w\"rd/1"):
        hidden = auth.hidden_in(f"got <{spelled(part)}>".encode())
        assert re.fullmatch(rb"got <\[hidden\]=*(?:%3D)*>", hidden), hidden


@pytest.mark.parametrize("before", ["", "a", "ab", "abc:"])
def test_a_secret_within_base64_is_hidden(before: str) -> None:
    """Such as in the HTTP Basic of another user; a few letters at its ends may be left."""
    auth = HookAuth("Authorization", Secret("a-long-secret"))
    encoded = base64.b64encode(f"{before}a-long-secret:more".encode())
    hidden = auth.hidden_in(encoded)
    assert b"[hidden]" in hidden
    left = base64.b64decode(hidden.partition(b"[")[0] + b"====", validate=False)
    assert not any(part in left for part in (b"long", b"secret"))


def test_other_text_is_left_as_it_is() -> None:
    """Also bytes that are no text."""
    auth = HookAuth("Authorization", Secret("Basic c2hvcnQ6cHc="))
    answer = b"a short pw \xff\x00 %20 &amp; c2hvcnQ"
    assert auth.hidden_in(answer) == answer

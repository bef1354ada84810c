"""Secrets that cannot be printed by accident, and the header that carries one."""

import base64
import hmac
import re
from binascii import Error as NotBase64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HIDDEN = b"[hidden]"
"""Replaces the value of a header that is or may be a secret."""

_MAY_CARRY_ONE = re.compile(
    r"auth(?!or(?:ity|$))|cookie|credential|jwt|key(?:$|[-_])|passw|secret|session|sig(?:$|[-_])"
    r"|signature|token"
)


class Secret:
    """A string that ``str``, ``repr``, format and pickle do not show, only :meth:`reveal`."""

    __slots__ = ("_spelled", "_value")

    def __init__(self, value: str) -> None:
        if not value:
            raise ValueError("a secret cannot be empty")
        self._value = value
        self._spelled: re.Pattern[str] | None = None

    def reveal(self) -> str:
        """Return the value, to send it."""
        return self._value

    def matches(self, candidate: bytes) -> bool:
        """Return in constant time whether ``candidate``, a header value, is the secret."""
        return hmac.compare_digest(self._value.encode(), candidate)

    def occurs_in(self, text: bytes) -> bool:
        """Return whether ``text`` contains the secret."""
        return self._value.encode() in text

    def hidden_in(self, text: str, mask: str) -> str:
        """Return ``text`` with ``mask`` in place of the secret, however it is spelled there.

        It may be as it is, without its scheme (``Basic``), decoded, in Base64 or in a part of it,
        and each of these encoded for a URL, JSON or HTML. Call this before the text is cut.
        """
        if self._spelled is None:
            self._spelled = _spellings(self._value)
        return self._spelled.sub(lambda _: mask, text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("a secret does not leave the process")


SHORTEST_PART = 6
"""A shorter part of a secret occurs in ordinary words, and hiding it would damage them."""


def _spellings(value: str) -> re.Pattern[str]:
    """Return what matches every spelling of a secret, the longer ones first."""
    forms = [value, *(each for each in _parts(value) if len(each) >= SHORTEST_PART)]
    in_base64 = [each for form in forms for each in _in_base64(form.encode("utf-8", "replace"))]
    in_order = sorted(dict.fromkeys([*forms, *in_base64]), key=len, reverse=True)
    return re.compile("|".join("".join(map(_spelled, each)) for each in in_order))


def _parts(value: str) -> Iterator[str]:
    """Yield the last word of a secret; of HTTP Basic, the pair and the password, too."""
    scheme, _, last_word = value.rpartition(" ")
    if not scheme:
        return
    yield last_word
    if scheme.lower() != "basic":
        return
    try:
        pair = base64.b64decode(last_word, validate=True).decode()
    except (NotBase64, UnicodeDecodeError):
        return
    yield pair
    yield pair.partition(":")[2]


def _in_base64(form: bytes) -> Iterator[str]:
    """Yield the Base64 of ``form``, and what is sure to be in that of all bytes around it."""
    yield base64.b64encode(form).decode().rstrip("=")
    for shift, first in ((0, 0), (1, 2), (2, 3)):
        sure = base64.b64encode(bytes(shift) + form)[first : (shift + len(form)) * 8 // 6]
        if len(sure) > SHORTEST_PART:
            yield sure.decode()


_IN_HTML = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_OF_URLS = {"+": "-", "/": "_"}
"""The two letters of Base64 that URLs spell in another way."""


def _spelled(character: str) -> str:
    """Return a pattern for the ways to write a character in a URL, in JSON, or in HTML."""
    if character.isascii() and character.isalnum():
        return character
    as_bytes = character.encode("utf-8", "replace")
    units = [unit.hex() for unit in _pairs(character.encode("utf-16-be", "surrogatepass"))]
    ways = [
        "".join(f"%(?:25)?(?i:{byte:02x})" for byte in as_bytes),
        "".join(rf"\\{{1,4}}u(?i:{unit})" for unit in units),
        f"&(?:amp;)?#(?:0*{ord(character)}|[xX]0*(?i:{ord(character):x}));",
    ]
    if character in _IN_HTML:
        ways.append(f"&(?:amp;)?{_IN_HTML[character]};")
    if character in _OF_URLS:
        ways.append(_OF_URLS[character])
    if character == " ":
        ways.append(r"\+")
    ways.append(re.escape(character))  # last: an encoded % begins with a %
    escaped = r"\\{0,4}" if character in "\"'/\\" else ""
    return f"{escaped}(?:{'|'.join(ways)})"


def _pairs(text: bytes) -> Iterator[bytes]:
    return (text[at : at + 2] for at in range(0, len(text), 2))


@dataclass(frozen=True, slots=True)
class HookAuth:
    """The header that Okta sends with every call of a hook. The secret is its whole value."""

    field: str
    secret: Secret

    @classmethod
    def basic(cls, user_and_password: Secret) -> "HookAuth":
        """Return HTTP Basic for ``USER:PASSWORD``, in the ``Authorization`` header."""
        pair = user_and_password.reveal()
        if ":" not in pair:
            raise ValueError("Basic authentication is USER:PASSWORD, with a colon between them")
        encoded = base64.b64encode(pair.encode()).decode()
        return cls("Authorization", Secret(f"Basic {encoded}"))

    def header(self) -> tuple[str, str]:
        """Return the name and the value of the header."""
        return self.field, self.secret.reveal()

    def hidden_in(self, answer: bytes) -> bytes:
        """Return an answer, which may repeat the request, without the secret."""
        text = answer.decode("utf-8", "surrogateescape")
        shown = self.secret.hidden_in(text, HIDDEN.decode())
        return shown.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class StreamLogin:
    """What a stream asks for: ``user`` is ``USER:PASSWORD`` or a token, ``file`` a file's text.

    ``certificate`` is a PEM file with a client certificate and its key.
    """

    user: Secret | None = None
    file: Secret | None = None
    certificate: Path | None = None


def may_carry_credential(name: str) -> bool:
    """Return whether a header called ``name`` may carry a credential. When in doubt, yes."""
    return _MAY_CARRY_ONE.search(name.lower()) is not None

"""Write the curl command that sends a stored request again, for a POSIX shell."""

import base64
import shlex
from collections.abc import Iterator
from typing import Final

from okhook.secret import HIDDEN
from okhook.text import is_header_name, plain
from okhook.wire.delivery import InboundRequest

_HIDDEN_VALUE: Final = '"$OKHOOK_AUTH_SECRET"'

_LINE = " \\\n  "

_NOT_REPEATED: Final = frozenset({
    "connection", "content-length", "cookie", "expect", "host", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
"""Headers of a single connection, or with a hidden value."""

_ADDED_BY_CURL: Final = ("Accept", "Content-Type", "User-Agent")

_ARGUMENT_LIMIT_BYTES = 64 * 1024
"""Linux allows 128 KiB in one argument. The command pipes a longer body."""

_EXPECT_LIMIT_BYTES = 1024 * 1024
"""With a longer body curl sends "Expect: 100-continue" and waits a second."""


def curl_command(request: InboundRequest, url: str) -> str:
    """Return the command that sends ``request`` with its query to ``url``, over several lines.

    ``$OKHOOK_AUTH_SECRET`` replaces a hidden header. A binary or long body is piped.
    """
    inline = can_stand_in_a_command(request.body)
    words = [_curl(request.method, request.url_at(url)), *_header_options(request)]
    if request.body and not inline:
        words[0] = f"{decoded_body(request.body)}{_LINE}| {words[0]}"
        words.append("--data-binary @-")
    elif request.body or request.method == "POST":
        words.append(f"--data-binary {shlex.quote(request.body.decode())}")
    return _LINE.join(words)


def _curl(method: str, url: str) -> str:
    words = ["curl", "--head"] if method == "HEAD" else ["curl", "-X", shlex.quote(method)]
    if set(url) & set("[]{}"):
        words.append("--globoff")
    if "/." in url:
        words.append("--path-as-is")
    return " ".join([*words, shlex.quote(url)])


def repeated_headers(request: InboundRequest) -> Iterator[tuple[str, bytes]]:
    """Yield the headers that a request has when it is sent again."""
    for name, value in request.headers:
        text = name.decode("latin-1")
        is_valid = is_header_name(text) and not set(value) & set(b"\0\r\n")
        if is_valid and text.lower() not in _NOT_REPEATED:
            yield text, value


def _header_options(request: InboundRequest) -> Iterator[str]:
    present = {name.lower() for name, _ in request.headers}
    for name, value in repeated_headers(request):
        yield f"-H {_header(name, value)}"
    for added in _ADDED_BY_CURL:
        if added.lower().encode() not in present:
            yield f"-H {added}:"
    if len(request.body) > _EXPECT_LIMIT_BYTES:
        yield "-H Expect:"


def _header(name: str, value: bytes) -> str:
    if value == HIDDEN:
        return shlex.quote(f"{name}: ") + _HIDDEN_VALUE
    if not value.strip(b" \t"):
        return shlex.quote(f"{name};")
    text = value.decode("latin-1")
    if text.isascii() and text.isprintable():
        return shlex.quote(f"{name}: {text}")
    written = "".join(_printf_character(byte) for byte in f"{name}: ".encode() + value)
    return f'"$(printf -- {shlex.quote(written)})"'


def _printf_character(byte: int) -> str:
    """Return a byte for ``printf``: octal if it is special or not printable ASCII."""
    character = chr(byte)
    if character.isascii() and character.isprintable() and character not in "%\\":
        return character
    return f"\\{byte:03o}"


def decoded_body(body: bytes) -> str:
    """Return a command that writes ``body``, whatever its bytes are."""
    return f"printf %s {base64.b64encode(body).decode()}{_LINE}| base64 -d"


def can_stand_in_a_command(body: bytes) -> bool:
    """Return whether a body is safe for a terminal, and for curl, where ``@`` names a file."""
    if len(body) > _ARGUMENT_LIMIT_BYTES or body.startswith(b"@"):
        return False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return all(plain(line) == line for line in text.split("\n"))

"""The curl command sends the same bytes again, run by a real shell."""

import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.records.curl import curl_command
from okhook.text import plain
from okhook.wire.delivery import InboundRequest
from tests.support.answering import AnsweringServer, Asked, answer, answering_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import NOON, post

URL = "http://localhost:3000/hook"


@pytest.fixture(scope="module")
def server() -> Iterator[AnsweringServer]:
    with answering_server(lambda _: answer(204)) as running:
        yield running


def run(command: str, **env: str) -> None:
    """Run a command as a person does who pastes it into a script."""
    subprocess.run(
        ["sh", "-s"],
        input=command.encode() + b"\n",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **env},
        capture_output=True,
        check=True,
        timeout=PATIENCE_S,
    )


def repeated(server: AnsweringServer, request: InboundRequest, **env: str) -> Asked:
    """Return what arrives when the command for ``request`` is run."""
    server.asked.clear()
    run(curl_command(request, server.url), **env)
    return server.asked[-1]


def pairs(asked: Asked) -> list[tuple[bytes, bytes]]:
    """Return the headers that are not about this one connection."""
    return [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in asked.headers
        if name.lower() not in ("host", "content-length")
    ]


def test_it_reads_like_one_written_by_hand() -> None:
    """Method, URL, one header per line, then the body; the secret is a variable."""
    request = post(
        b'{"a": "it\'s"}',
        (b"host", b"hooks.example.com"),
        (b"content-type", b"application/json"),
        (b"content-length", b"13"),
        (b"user-agent", b"Okta Hook Service v1.0.0 - ok12"),
        (b"authorization", b"[hidden]"),
        (b"cookie", b"[hidden]"),
        (b"connection", b"keep-alive"),
    )
    assert curl_command(request, URL) == snapshot(
        """\
curl -X POST http://localhost:3000/hook \\
  -H 'content-type: application/json' \\
  -H 'user-agent: Okta Hook Service v1.0.0 - ok12' \\
  -H 'authorization: '"$OKHOOK_AUTH_SECRET" \\
  -H Accept: \\
  --data-binary '{"a": "it'"'"'s"}'\
"""
    )


def test_a_body_with_control_characters_is_piped() -> None:
    """Control characters never reach the terminal."""
    command = curl_command(post(b"\x1b[2J", (b"accept", b"*/*")), URL)
    assert command == snapshot(
        """\
printf %s G1sySg== \\
  | base64 -d \\
  | curl -X POST http://localhost:3000/hook \\
  -H 'accept: */*' \\
  -H Content-Type: \\
  -H User-Agent: \\
  --data-binary @-\
"""
    )


def test_the_secret_comes_from_the_environment(server: AnsweringServer) -> None:
    """The whole value is sent, with its blanks and dollar signs."""
    secret = "Basic dXNlcg== $HOME `id`"
    request = post(b"{}", (b"x-hook-key", b"[hidden]"))
    assert repeated(server, request, OKHOOK_AUTH_SECRET=secret).header("X-Hook-Key") == secret


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"@/etc/hostname", b"'\"$(id)`id`\\n!\\", "Jan\u00e9 \u2603\n".encode(), b"\0",
        b"\xff\xfe", b"a\r\nb", b"-X", b"x" * 200_000, b"y" * (3 << 20),
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_bodies_arrive_byte_for_byte(server: AnsweringServer, body: bytes) -> None:
    """Empty, text, quotes, names of files, binary, and longer than an argument."""
    assert repeated(server, post(body)).body == body


def test_headers_arrive_as_they_were_and_none_besides(server: AnsweringServer) -> None:
    """Repeated, empty and non-ASCII headers keep their order; curl adds none."""
    headers = (
        (b"x-a", b"1"),
        (b"x-empty", b""),
        (b"x-a", b"2; \"quoted\" 'and' $HOME `id` \\ 100%"),
        (b"x-utf8", "caf\u00e9 100% \\n 'q'".encode()),
        (b"-x-dash", b"\xe9"),
        (b"x-tab", b"a\tb"),
    )
    asked = repeated(server, post(b"{}", *headers))
    assert pairs(asked) == list(headers)


def test_other_methods_and_odd_urls(server: AnsweringServer) -> None:
    """A GET has no body; curl does not change brackets and dots in a URL."""
    request = InboundRequest("GET", "/", ((b"x-a", b"1"),), b"", NOON)
    run(curl_command(request, f"{server.url}/../a[1-3]{{b,c}}?q='%20"))
    asked = server.asked[-1]
    assert (asked.method, asked.target) == ("GET", "/hook/../a[1-3]{b,c}?q='%20")
    run(curl_command(InboundRequest("HEAD", "/", (), b"", NOON), server.url))
    assert server.asked[-1].method == "HEAD"


def test_an_invalid_header_is_omitted() -> None:
    """Bytes that are not a valid header are omitted."""
    request = post(b"{}", (b"x-a", b"1\r\nx-b: 2"), (b"@file", b"1"), (b"caf\xe9", b"1"))
    assert "x-b" not in curl_command(request, URL)
    assert "@file" not in curl_command(request, URL)


names = st.from_regex(rb"[!#$%&'*+.^_`|~0-9a-z-]{1,12}", fullmatch=True).map(lambda n: b"x-" + n)
values = (
    st.binary(max_size=20)
    .map(
        lambda value: bytes(byte for byte in value if byte not in b"\0\r\n\x0b\x0c\x1c\x1d\x1e\x85")
    )
    .map(lambda value: value.strip())
)


@settings(max_examples=40, deadline=None)
@given(
    body=st.binary(max_size=200) | st.text().map(str.encode),
    headers=st.lists(st.tuples(names, values), max_size=4),
)
@example(body=b"'\n'", headers=[(b"x-'", b"'"), (b"x-`id`", b"$(id)"), (b"x-$a", b"\xff")])
def test_any_request_arrives_as_it_was(
    server: AnsweringServer, body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    """Any bytes in the body and the headers are quoted for the shell."""
    kept = [pair for pair in headers if pair[1] != b"[hidden]"]
    asked = repeated(server, post(body, *kept))
    assert asked.body == body
    assert pairs(asked) == kept


@given(body=st.binary(max_size=60) | st.text().map(str.encode), value=st.binary(max_size=20))
def test_a_command_is_harmless_on_a_terminal(body: bytes, value: bytes) -> None:
    """Printed as it is, it has no control characters."""
    command = curl_command(post(body, (b"x-a", value)), URL)
    assert all(plain(line) == line for line in command.split("\n"))


def test_the_query_of_the_request_is_repeated_field_02(server: AnsweringServer) -> None:
    """It follows the query of the URL, in a form that shell and curl leave alone."""
    request = InboundRequest("POST", "/okta?t={a}&x=[1-2]&y=%2F'$HOME", (), b"{}", NOON)
    server.asked.clear()
    run(curl_command(request, f"{server.url}?own=1"))
    (asked,) = server.asked
    assert asked.target == "/hook?own=1&t={a}&x=[1-2]&y=%2F'$HOME"

"""Binding a socket, and the errors that explain why it failed."""

import asyncio
import socket
import subprocess
import sys

import pytest

from okhook.errors import InvalidInput, PortInUse
from okhook.runtime.sockets import listen, local_url, port_of, url_of


def test_port_zero_is_a_free_port_with_a_url() -> None:
    """The system chooses a port, and the URL contains it."""
    with listen("127.0.0.1", 0) as listener:
        assert url_of(listener, "/hook") == f"http://127.0.0.1:{port_of(listener)}/hook"


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_ipv6_address_is_bracketed() -> None:
    """In a URL an IPv6 address needs brackets."""
    with listen("::1", 0) as listener:
        assert url_of(listener).startswith("http://[::1]:")


def test_a_taken_port_names_the_flag_that_changes_it() -> None:
    """In the next step of the error."""
    with listen("127.0.0.1", 0) as taken, pytest.raises(PortInUse) as caught:
        listen("127.0.0.1", port_of(taken), flag="--sandbox-port")
    assert caught.value.next_step is not None
    assert "--sandbox-port" in caught.value.next_step


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:1/a"),  # noqa: S104 - nothing is bound
        ("::", "http://[::1]:1/a"),
        ("127.0.0.1", "http://127.0.0.1:1/a"),
        ("::1", "http://[::1]:1/a"),
        ("192.0.2.1", "http://192.0.2.1:1/a"),
    ],
)
def test_every_address_is_called_on_loopback_field_24(host: str, url: str) -> None:
    """The host that means all addresses is one to listen on, not one to call."""
    assert local_url(host, 1, "/a") == url


def test_an_address_of_another_machine_is_refused() -> None:
    """192.0.2.1 is reserved for documentation: no machine has it."""
    with pytest.raises(InvalidInput, match="could not listen on"):
        listen("192.0.2.1", 0)


@pytest.mark.parametrize("host", ["é..b", "..", "a" * 300])
def test_what_is_no_host_name_is_an_error_in_words_field_12(host: str) -> None:
    """Python cannot even encode some of them."""
    with pytest.raises(InvalidInput, match="could not listen on"):
        listen(host, 0)


@pytest.mark.anyio
async def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    """A delayed ACK would cost each call 40 ms."""
    accepted: asyncio.Queue[int] = asyncio.Queue()

    def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("socket")
        accepted.put_nowait(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with listen("127.0.0.1", 0) as listener:
        async with await asyncio.start_server(note, sock=listener):
            _, writer = await asyncio.open_connection("127.0.0.1", port_of(listener))
            assert await accepted.get()
            writer.close()
            await writer.wait_closed()


def test_a_process_knows_when_it_can_open_nothing_more_field_09() -> None:
    """Then it can accept no connection either."""
    program = """
import os, resource
from okhook.runtime.sockets import has_descriptors
before = has_descriptors()
resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
opened = [os.dup(0) for _ in range(16 - os.dup(0) - 1)]
print(before, has_descriptors())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.stdout == "True False\n", done.stderr

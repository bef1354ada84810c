"""What sends to a target is found by the scheme of its URL."""

import sys
from pathlib import Path

import pytest

from okhook.errors import ConfigurationError
from okhook.forward.senders import Senders
from okhook.forward.sending import Destination
from okhook.http.client import HttpClient
from okhook.records.attempt import Purpose
from okhook.secret import Secret, StreamLogin
from okhook.wire.target_url import STREAMS
from tests.support.records import NOON

pytestmark = pytest.mark.anyio


def senders() -> Senders:
    return Senders(HttpClient(), now=lambda: NOON)


@pytest.mark.parametrize("missing", ["nats", "nkeys"])
async def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Before anything is forwarded, with the line that installs it."""
    for name in list(sys.modules):
        if name.startswith("okhook.forward.nats") or name.split(".")[0] == missing:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    login = StreamLogin(file=Secret("SUAAA"))
    async with senders() as found:
        with pytest.raises(ConfigurationError) as refused:
            found.send_to(Destination("nats://a/b", login=login), Purpose.FORWARD)
    assert refused.value.next_step == "install them: pip install 'okhook[nats]'"


@pytest.mark.parametrize("scheme", [*STREAMS, "NATS"])
async def test_every_stream_has_something_that_sends_to_it(scheme: str) -> None:
    """Nothing is connected before there is a delivery."""
    async with senders() as found:
        send = found.send_to(Destination(f"{scheme}://127.0.0.1:1/okta"), Purpose.FORWARD)
    assert callable(send)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SUAAA",
        "-----BEGIN NATS USER JWT-----\nabc\n",
        "password",
        "\x00",
        "-----BEGIN NATS USER JWT-----\nabc\n-----BEGIN USER NKEY SEED-----\nSUAAA\n---",
    ],
)
async def test_a_credentials_file_without_a_login_is_refused(text: str) -> None:
    """nats-py would read it for ever, or fail in the middle of an attempt."""
    login = StreamLogin(file=Secret(text or " "))
    async with senders() as found:
        with pytest.raises(ConfigurationError, match="no valid login") as refused:
            found.send_to(Destination("nats://a/b", login=login), Purpose.FORWARD)
    assert "SUAAA" not in repr(vars(refused.value))


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----"])
async def test_a_client_certificate_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes | None
) -> None:
    """At the start, not with the first event."""
    file = tmp_path / "client.pem"
    if content is not None:
        file.write_bytes(content)
    to = Destination("tls://a/b", login=StreamLogin(certificate=file))
    async with senders() as found:
        with pytest.raises(ConfigurationError, match=r"client certificate .*client\.pem"):
            found.send_to(to, Purpose.FORWARD)

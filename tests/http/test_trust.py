"""Trusted certificates: the system's and certifi's, and those that the environment names."""

import ssl
from pathlib import Path

import certifi
import pytest
import truststore

from okhook.http.network import UnusableEnvironment, trusted

AUTHORITY = Path(__file__).parent.parent / "support" / "authority.pem"


@pytest.fixture(autouse=True)
def _no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_system_and_certifi_are_trusted_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context that verifies certificates and names, and reads certifi's before a handshake."""
    context = trusted()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    read: list[str] = []
    monkeypatch.setattr(context, "load_verify_locations", read.append)
    for _ in range(2):
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="hooks.example.com")
        assert read == [certifi.where()]


def test_the_environments_certificates_are_trusted_as_well_field_13(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An app's own certificate is trusted beside Okta's authority: one run calls both."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    read: list[object] = []
    monkeypatch.setattr(
        truststore.SSLContext,
        "load_verify_locations",
        lambda _, cafile=None, capath=None: read.append(cafile or capath),
    )
    context = trusted()
    assert read == [str(AUTHORITY)]
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="hooks.example.com")
    assert read == [str(AUTHORITY), certifi.where()]


@pytest.mark.parametrize(
    ("file", "why"),
    [("/no/such/file.pem", "No such file"), (__file__, "no certificate"), ("/", "Is a directory")],
)
def test_unusable_certificates_are_named_field_13(
    monkeypatch: pytest.MonkeyPatch, file: str, why: str
) -> None:
    """The variable is named, and what is wrong with its file."""
    monkeypatch.setenv("SSL_CERT_FILE", file)
    with pytest.raises(UnusableEnvironment, match=f"SSL_CERT_FILE: .*{why}"):
        trusted()

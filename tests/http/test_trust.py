"""Trusted certificates: the system's and certifi's, or those that the environment names."""

import ssl
from pathlib import Path

import certifi
import pytest

from okhook.http.client import trusted


def test_the_system_and_certifi_are_trusted_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context that verifies certificates and names, and reads certifi's before a handshake."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    context = trusted()
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    read: list[str] = []
    monkeypatch.setattr(context, "load_verify_locations", read.append)
    for _ in range(2):
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="hooks.example.com")
        assert read == [certifi.where()]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_environments_certificates_replace_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """httpx reads them itself, and nothing is added to them."""
    monkeypatch.setenv(name, str(tmp_path))
    assert trusted() is True

"""Trust: the system's store and certifi's, or what the environment names and nothing else."""

import ssl
from pathlib import Path

import pytest

from okhook.http.client import trusted


def test_without_a_word_the_system_and_certifi_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context that verifies certificates and names."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    context = trusted()
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_what_the_environment_names_counts_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """The client reads it itself, and nothing is added to it."""
    monkeypatch.setenv(name, str(tmp_path))
    assert trusted() is True

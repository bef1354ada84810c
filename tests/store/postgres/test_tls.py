"""TLS and passwords as libpq does them: by the URL, the environment, and its files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from okhook.errors import StoreFailed
from okhook.store.postgres.connection import connect
from okhook.store.postgres.schema import migrate
from tests.support.postgres import PASSWORD, Cluster

pytestmark = pytest.mark.postgres


@pytest.fixture
def authority(postgres_cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    """Have the server speak TLS, and return the certificate to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for file, content in (("server.crt", pem), ("server.key", private)):
        postgres_cluster.give(f"data/{file}", content)
    postgres_cluster.sql("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()")
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(pem)
    yield trusted
    postgres_cluster.sql("ALTER SYSTEM RESET ssl", "SELECT pg_reload_conf()")


def is_encrypted(url: str) -> bool:
    with connect(url) as connection:
        row = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        return row.fetchone() == (True,)


def test_the_servers_certificate_is_checked_if_the_url_says_so(
    postgres_url: str, authority: Path, tmp_path: Path
) -> None:
    """With the right authority it works, and with another one nothing is sent."""
    assert is_encrypted(f"{postgres_url}?sslmode=verify-full&sslrootcert={authority}")
    other = tmp_path / "other.pem"
    other.write_text((Path(__file__).parents[2] / "support" / "authority.pem").read_text())
    with pytest.raises(StoreFailed, match="cannot be reached"):
        migrate(f"{postgres_url}?sslmode=verify-full&sslrootcert={other}")


def test_the_environment_sets_what_the_url_leaves_out(
    postgres_url: str, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PGSSLMODE and PGSSLROOTCERT, as for psql."""
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", str(authority))
    assert is_encrypted(postgres_url)


def test_a_password_comes_from_its_file(
    postgres_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PGPASSFILE, and a service file that names the host."""
    file = tmp_path / "pgpass"
    escaped = PASSWORD.replace(":", "\\:")
    file.write_text(f"127.0.0.1:{postgres_cluster.port}:*:postgres:{escaped}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    place = f"127.0.0.1:{postgres_cluster.port}"
    connect(f"postgresql://postgres@{place}/postgres").close()
    services = tmp_path / "services"
    services.write_text(
        f"[okhook]\nhost=127.0.0.1\nport={postgres_cluster.port}\nuser=postgres\ndbname=postgres\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    connect("postgresql:///?service=okhook").close()

"""Certificates of our own, for 127.0.0.1."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def issued(name: str, by: Issued | None = None, *, is_authority: bool = False) -> Issued:
    """Return a new certificate for 127.0.0.1, signed ``by`` another or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(key if by is None else by.key, hashes.SHA256())
    )
    return Issued(certificate, key)


def self_signed(directory: Path) -> Path:
    """Write a certificate that no authority has signed, with its key, into one file."""
    own = issued("okhook test")
    file = directory / "certificate.pem"
    file.write_bytes(own.pem + own.key_pem)
    return file


@dataclass(frozen=True)
class Chain:
    """Files: the root, and what a server sends, with its key: the whole chain, or its end alone."""

    root: Path
    whole: Path
    end_alone: Path


def chain(directory: Path) -> Chain:
    """Write a chain of a root, an authority in between, and a server."""
    root = issued("okhook test root", is_authority=True)
    between = issued("okhook test authority", root, is_authority=True)
    server = issued("okhook test server", between)
    files = Chain(*(directory / f"{name}.pem" for name in ("root", "whole", "end")))
    files.root.write_bytes(root.pem)
    files.whole.write_bytes(server.pem + between.pem + server.key_pem)
    files.end_alone.write_bytes(server.pem + server.key_pem)
    return files

"""A login as nats-py takes it: user and password, token, credentials file or seed."""

import re
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from okhook.errors import ConfigurationError
from okhook.http.network import UnusableEnvironment, trusted
from okhook.secret import StreamLogin

_CREDENTIALS = re.compile(
    r"-BEGIN NATS USER JWT-+\s+(?P<jwt>\S+)\s.*-BEGIN USER NKEY SEED-+\s+(?P<seed>\S+)\s", re.DOTALL
)
"""A user's file as ``nsc`` writes it. nats-py never ends if a part is missing."""

_SEED = re.compile(r"\s*(?P<seed>SU[A-Z2-7]+)\s*")
"""A file that has only the seed of a user's key."""

_WRITTEN = """\
-----BEGIN NATS USER JWT-----
{jwt}
------END NATS USER JWT------
-----BEGIN USER NKEY SEED-----
{seed}
------END USER NKEY SEED------
"""


def tls_context(login: StreamLogin | None) -> ssl.SSLContext:
    """Return what a server's certificate is checked with, and the client's certificate.

    Raises:
        UnusableEnvironment: as :func:`okhook.http.network.trusted`.
        OSError: the client's certificate cannot be used.
    """
    context = trusted()
    if login is not None and login.certificate is not None:
        context.load_cert_chain(login.certificate, password="")  # never ask on the terminal
    return context


def check_login(login: StreamLogin | None) -> None:
    """Raise ConfigurationError if a file of a login is not one that NATS or TLS knows."""
    if login is None:
        return
    if login.file is not None:
        _check_file(login.file.reveal())
    if login.certificate is None:
        return
    try:
        tls_context(login)
    except UnusableEnvironment:
        return  # each attempt says so, as everywhere
    except OSError as error:
        raise ConfigurationError(
            f"could not use the client certificate {login.certificate}",
            why=getattr(error, "reason", None) or error.strerror or str(error),
            next_step="set OKHOOK_NATS_CERTIFICATE to a PEM file with a certificate and its key,"
            " which needs no passphrase",
        ) from None


def _check_file(text: str) -> None:
    import nkeys

    found = _CREDENTIALS.search(text) or _SEED.fullmatch(text)
    try:
        if found is not None:
            nkeys.from_seed(bytearray(found["seed"].encode()))
            return
    except (ValueError, nkeys.NkeysError):
        pass
    raise ConfigurationError(
        "the NATS credentials file has no valid login",
        why="it needs a user's JWT and seed, as `nsc generate creds` writes them, or only a seed",
        next_step="set OKHOOK_NATS_CREDENTIALS to the path of such a file",
    )


def login_options(login: StreamLogin | None, *, before: Callable[[], None]) -> dict[str, Any]:
    """Return the arguments of nats-py's ``connect``. ``before`` runs before a password is sent."""
    if login is None:
        return {}
    if login.user is not None:
        name, colon, password = login.user.reveal().partition(":")

        def later(text: str) -> Callable[[], str]:
            def value() -> str:
                before()
                return unquote(text)

            return value

        return (
            {"user": later(name), "password": later(password)} if colon else {"token": later(name)}
        )
    return _file_options(login.file.reveal()) if login.file is not None else {}


def _file_options(text: str) -> dict[str, Any]:
    from nats.aio.client import RawCredentials

    found = _CREDENTIALS.search(text)
    if found is None:
        return {"nkeys_seed_str": text.strip()}
    return {"user_credentials": RawCredentials(_WRITTEN.format(**found.groupdict()))}

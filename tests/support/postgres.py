"""A PostgreSQL server of the tests' own, in a temporary directory, with any trouble they want."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port
from tests.support.waiting import wait_until

PASSWORD = "pa ss:w@rd/%"
"""Of the superuser ``postgres``: with all that has a meaning in a URL."""

IN_URL = "pa%20ss%3Aw%40rd%2F%25"

_NUMBERS = count(1)


def server_programs() -> Path | None:
    """Return the directory of ``initdb`` and ``postgres``: Debian's are not on the PATH.

    ``POSTGRES_PROGRAMS`` names another one, to run the tests with another version.
    """
    if chosen := os.environ.get("POSTGRES_PROGRAMS"):
        return Path(chosen)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    has_server = on_path and Path(on_path).with_name("postgres").exists()
    return Path(on_path).parent if on_path and has_server else None


class Cluster:
    """A server on loopback. Unless ``syncs``, it does not wait for the disk: tests are fast."""

    password = PASSWORD

    def __init__(self, programs: Path, directory: Path, *, syncs: bool = False) -> None:
        self.programs = programs
        self.directory = directory
        self.port = free_port()
        self._syncs = syncs
        self.user = _unprivileged()
        self._empty: list[str] = []
        self._server: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make its files, for the user that it runs as: ``initdb`` refuses root."""
        password = self.directory / "password"
        password.write_text(PASSWORD)
        if self.user is not None:
            for path in (self.directory, password):
                os.chown(path, self.user, -1)
        data = str(self.directory / "data")
        arguments = ("--auth=scram-sha-256", "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8")
        self.run("initdb", "-D", data, "-U", "postgres", f"--pwfile={password}", *arguments)

    @contextmanager
    def standby(self) -> Iterator["Cluster"]:
        """Run a second server that replicates this one, and is read-only until it is promoted."""
        with tempfile.TemporaryDirectory(
            prefix="okhook-standby-", ignore_cleanup_errors=True
        ) as name:
            standby = Cluster(self.programs, Path(name))
            if self.user is not None:
                os.chown(name, self.user, -1)
            data = str(standby.directory / "data")
            standby.run(
                "pg_basebackup", "-D", data, "-R", "--no-sync", "-c", "fast", "-d", self.url("")
            )
            standby.start()
            try:
                yield standby
            finally:
                standby.stop()

    def give(self, name: str, content: bytes) -> None:
        """Write a file that only the server can read."""
        path = self.directory / name
        path.write_bytes(content)
        path.chmod(0o600)
        if self.user is not None:
            os.chown(path, self.user, -1)

    def run(self, program: str, *arguments: str, **environment: str) -> str:
        """Run one of the server's programs, and return what it prints."""
        ran = subprocess.run(
            [self.programs / program, *arguments],
            user=self.user,
            cwd=self.directory,
            env={"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on" if self._syncs else "off",
            "client_min_messages": "warning",
            "max_connections": 60,
        }
        settings = (each for name, value in options.items() for each in ("-c", f"{name}={value}"))
        with (self.directory / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self.programs / "postgres", "-D", self.directory / "data", *settings],
                user=self.user,
                cwd=self.directory,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends every session, SIGQUIT is a crash."""
        server, self._server = self._server, None
        if server is not None:
            server.send_signal(how)
            server.wait(PATIENCE_S)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all of its processes in their tracks: it accepts connections and says nothing."""
        assert self._server is not None
        postmaster = psutil.Process(self._server.pid)
        postmaster.suspend()  # first, so that it starts no other
        sessions = postmaster.children()
        for each in sessions:
            each.suspend()
        try:
            yield
        finally:
            for each in (*sessions, postmaster):
                each.resume()

    def url(self, database: str, user: str = "postgres") -> str:
        """Return the URL of a database, with the password."""
        return f"postgresql://{user}:{IN_URL}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """Connect as the superuser, in autocommit mode."""
        return psycopg.connect(self.url(database), autocommit=True)

    def sql(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser."""
        with self.connect(database) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the URL of an empty database; one that is emptied costs less than a new one."""
        if not self._empty:
            self._empty.append(f"test_{next(_NUMBERS)}")
            self.sql(f"CREATE DATABASE {self._empty[-1]}")
        name = self._empty.pop()
        try:
            yield self.url(name)
        finally:
            self.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()",
                "DROP SCHEMA IF EXISTS okhook CASCADE",
                database=name,
            )
            self._empty.append(name)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            self.connect().close()
            return True
        return False


@contextmanager
def unhurried_stores() -> Iterator[None]:
    """Have stores of this process wait longer for their database than Okta allows."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("okhook.store.postgres.appender.ANSWER_WITHIN_S", PATIENCE_S)
        patched.setattr("okhook.store.postgres.lease._WITHIN_S", PATIENCE_S)
        yield


@contextmanager
def running_cluster(
    programs: Path, *, below: Path | None = None, syncs: bool = False
) -> Iterator[Cluster]:
    """Run a server in a directory that its user can reach; pytest's own are its user's only."""
    with tempfile.TemporaryDirectory(
        prefix="okhook-postgres-", dir=below, ignore_cleanup_errors=True
    ) as name:
        cluster = Cluster(programs, Path(name), syncs=syncs)
        cluster.create()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def _unprivileged() -> int | None:
    """Return the user that the server runs as if the tests run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    return 65534

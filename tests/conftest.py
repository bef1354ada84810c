"""Fixtures of every room."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import hypothesis
import psutil
import pytest

from tests.support.forked_okhook import end_okhook_forker
from tests.support.local_time import local_time
from tests.support.okhook_process import PATIENCE_S
from tests.support.processes import processes_at_home_in
from tests.support.signals import default_signals
from tests.support.unhurried import unhurried

if TYPE_CHECKING:
    from tests.support.postgres import Cluster

WORKERS = 4
"""Tests wait for processes and sockets: two of them share a core well."""


def pytest_configure() -> None:
    """Have no property test fail because the machine is busy."""
    hypothesis.settings.register_profile(
        "okhook", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("okhook")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run the whole suite side by side, and files that are named in one process."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return WORKERS if whole else 0


@pytest.fixture(autouse=True, scope="session")
def no_process_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail the last test of a worker, and clean up, if a process that a test started still runs."""
    yield
    started = {
        *end_okhook_forker(),
        *psutil.Process().children(recursive=True),
        *processes_at_home_in(tmp_path_factory.getbasetemp()),
    }
    _, left = psutil.wait_procs(started, timeout=PATIENCE_S)
    told = [str(process) for process in left]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    assert not told, told


@pytest.fixture(autouse=True, scope="session")
def children_heed_signals() -> Iterator[None]:
    """Start every child process with the default signals, also under nohup and in the background.

    A test that wants a signal to be ignored says so for its own child.
    """
    with default_signals():
        yield


@pytest.fixture(autouse=True, scope="session")
def nobody_gives_up_early() -> Iterator[None]:
    """Fail no test because the machine is busy for some seconds."""
    with unhurried():
        yield


@pytest.fixture(autouse=True, scope="session")
def nothing_of_this_machine() -> Iterator[None]:
    """Keep the tests away from the keyring of whoever runs them."""
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator["Cluster"]:
    """Run a PostgreSQL server for the tests with the marker ``postgres``."""
    from tests.support.postgres import running_cluster, server_programs, unhurried_stores

    programs = server_programs()
    if programs is None:
        missing = "found no PostgreSQL server: install Debian's package postgresql"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with unhurried_stores(), running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: "Cluster") -> Iterator[str]:
    """Give a test an empty database of its own."""
    with postgres_cluster.database() as url:
        yield url


@pytest.fixture
def five_hours_east() -> Iterator[None]:
    """Have this machine's local time be five hours ahead of UTC for one test."""
    with local_time("EAST-5"):
        yield


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop that uvicorn runs on."""
    return "asyncio"

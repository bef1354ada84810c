"""No error, however it comes about, shows a password."""

import traceback

import pytest

from okhook.errors import OkhookError
from okhook.store.postgres.reader import postgres_reader
from okhook.store.postgres.schema import migrate
from okhook.store.postgres.store import postgres_store
from tests.support.ports import free_port
from tests.support.postgres import Cluster

pytestmark = pytest.mark.anyio

SECRETS = ("pa ss:w@rd", "pa%20ss%3Aw%40rd", "pa+ss", "hush")
LOGIN = "okhook:pa%20ss%3Aw%40rd"


def fault_of(url: str) -> OkhookError:
    with pytest.raises(OkhookError) as caught, postgres_reader(url):
        pass
    return caught.value


def assert_hidden(error: OkhookError) -> None:
    told = "".join(traceback.format_exception(error))
    shown = (error.what, error.why, error.next_step, repr(error), told)
    for text in shown:
        assert not any(secret in (text or "") for secret in SECRETS), text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://{login}@127.0.0.1:{port}/db",
        "postgresql://okhook@127.0.0.1:{port}/db?password=hush",
        "postgresql://{login}@127.0.0.1:{port}/db?sslmode=require&sslpassword=hush",
        "postgresql://{login}@127.0.0.1:{port},127.0.0.1:{port}/db?target_session_attrs=read-write",
        "postgresql://{login}@127.0.0.1:{port}/db?no_such_option=hush",
        "postgresql://{login}@127.0.0.1:{port}/db?connect_timeout=long",
        "postgresql://{login}@127.0.0.1:no-port/db",
        "postgresql://{login}@[127.0.0.1/db",
        "postgresql://okhook:pa%zzhush@127.0.0.1/db",
        "postgresql://{login}@127.0.0.1:{port}/db?service=hush-none",
    ],
)
def test_a_url_that_does_not_work_is_shown_without_its_password(url: str) -> None:
    """Whether libpq cannot read it, or nobody listens there."""
    error = fault_of(url.format(login=LOGIN, port=free_port()))
    if "service=" not in url:
        assert_hidden(error)


@pytest.mark.parametrize(
    ("query", "said", "advice"),
    [
        ("?bogus=hush", "unknown parameter: bogus", "remove it"),
        ("?sslmod=require", "unknown parameter: sslmod", "did you mean sslmode?"),
        ("?sslmode=require&connect_timeout", "without a value: connect_timeout", "=VALUE"),
    ],
)
def test_a_parameter_that_libpq_does_not_take_is_named(query: str, said: str, advice: str) -> None:
    error = fault_of(f"postgresql://okhook@127.0.0.1:{free_port()}/db{query}")
    assert error.what.endswith(said)
    assert advice in (error.next_step or "")
    assert_hidden(error)


def test_a_password_that_looks_like_a_query_is_not_taken_for_a_parameter() -> None:
    """``?`` and ``#`` in a password should have been percent-encoded."""
    assert_hidden(fault_of("postgresql://okhook:pa?hush=x@127.0.0.1/db"))
    assert_hidden(fault_of("postgresql://okhook:pa?hush@127.0.0.1/db?bogus=1"))


@pytest.mark.postgres
async def test_a_server_that_refuses_is_named_without_the_password(
    postgres_cluster: Cluster,
) -> None:
    """A wrong password, no such role, no such database."""
    place = f"127.0.0.1:{postgres_cluster.port}"
    for url in (f"postgresql://{LOGIN}@{place}/postgres", f"postgresql://{LOGIN}@{place}/nowhere"):
        assert_hidden(fault_of(url))
        with pytest.raises(OkhookError) as caught:
            migrate(url)
        assert_hidden(caught.value)
        with pytest.raises(OkhookError) as caught:
            async with postgres_store(url, "ci"):
                pass
        assert_hidden(caught.value)

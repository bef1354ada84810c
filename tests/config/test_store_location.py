"""The setting ``store``: a file or a database, and never a password that others could read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.config.setting import Setting
from okhook.config.store_location import DatabaseUrl, read_store_location, without_password
from okhook.errors import ConfigurationError, InvalidInput, OkhookError

VARIABLE = "OKHOOK_STORE"
LOGINS = (
    "postgresql://me:pa55@db.example.com/okhook",
    "postgres://me:pa55@db.example.com:5432,other:5433/okhook?sslmode=verify-full",
    "postgresql://me@db.example.com/okhook?password=pa55",
    "postgresql://me@db.example.com/okhook?sslmode=require&pass%77ord=pa55",
    "postgresql://me@db.example.com/okhook?sslpassword=pa55",
    "postgresql://me:pa/55@db.example.com/okhook",
    "postgresql://me:pa?55@db.example.com/okhook",
    "PostgreSQL://me:pa55@db.example.com/okhook",
)


@pytest.mark.parametrize("url", LOGINS)
def test_a_flag_may_not_have_a_password(url: str) -> None:
    """Everybody on the machine reads the process list. The error says where to put it."""
    with pytest.raises(InvalidInput, match="--store must not have a password") as refused:
        read_store_location(Setting(url, "--store"))
    said = f"{refused.value} {refused.value.why} {refused.value.next_step}"
    assert "55" not in said
    assert "PGPASSFILE" in said
    assert "OKHOOK_STORE" in said


@pytest.mark.parametrize("url", LOGINS)
def test_a_variable_may_have_one_and_it_is_not_shown(url: str) -> None:
    found = read_store_location(Setting(url, VARIABLE))
    assert isinstance(found, DatabaseUrl)
    assert found.reveal() == url.replace("PostgreSQL", "postgresql")
    assert "55" not in f"{found} {found!r}".replace("5433", "").replace("5432", "")
    assert "db.example.com" in str(found)


@given(st.text(min_size=1), st.sampled_from(["postgresql", "postgres", "POSTGRES"]))
def test_whatever_the_password_is_it_is_not_shown(password: str, scheme: str) -> None:
    """Even one that should have been percent-encoded."""
    marked = f"MARK{password}MARK"
    assert "MARK" not in without_password(f"{scheme}://me:{marked}@host/okhook")


def test_a_url_without_a_password_is_shown_as_it_is() -> None:
    for url in ("postgresql:///okhook", "postgresql://me@[::1]:5432/okhook?sslmode=require"):
        assert str(read_store_location(Setting(url, "--store"))) == url


@pytest.mark.parametrize("scheme", ["PostgreSQL", "POSTGRES"])
def test_a_scheme_may_have_capitals(scheme: str) -> None:
    """It is what RFC 3986 says of every URL. libpq knows only the lower case."""
    found = read_store_location(Setting(f"{scheme}://me@host/Okhook", "--store"))
    assert isinstance(found, DatabaseUrl)
    assert found.reveal() == f"{scheme.lower()}://me@host/Okhook"
    assert str(found) == found.reveal()


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "mysql://me:pa55@host/db", "sqlite:///store.db", "file:store.db", "a\0b", 5),
        *("host=db password=pa55", "dbname=okhook", "postgresql://me:pa55/okhook"),
    ],
)
def test_what_is_neither_is_refused_and_not_repeated(text: object) -> None:
    """A file with such a name would hide a mistake."""
    with pytest.raises(OkhookError, match="invalid OKHOOK_STORE: expected") as refused:
        read_store_location(Setting(text, VARIABLE))
    assert isinstance(refused.value, ConfigurationError)
    assert "pa55" not in f"{refused.value} {refused.value.why} {refused.value.next_step}"


def test_a_path_is_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert read_store_location(Setting("./other.db", "--store")) == tmp_path / "other.db"
    assert read_store_location(Setting("~/other.db", "--store")) == Path("/home/me/other.db")
    assert read_store_location(Setting("/a/b.db", "--store")) == Path("/a/b.db")

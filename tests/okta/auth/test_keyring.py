"""Tokens in the keyring: one for each org, through the real ``keyring`` package."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest

from okhook.okta.auth.keyring import KeyringTrouble, TokenKeyring
from okhook.secret import Secret
from okhook.wire.org import Org
from tests.support.file_keyring import FILE, LOCKED, FileKeyring, kept_in

ONE, TWO = Org("https://one.okta.com"), Org("https://two.okta.com")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the directory of a keyring that is in use for the length of a test."""
    monkeypatch.setenv(FILE, str(tmp_path / "keyring.json"))
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())  # type: ignore[no-untyped-call]  # keyring's own
    yield tmp_path
    keyring.set_keyring(before)


def test_each_org_has_a_token_of_its_own(home: Path) -> None:
    """Tokens are stored, replaced and removed one by one."""
    tokens = TokenKeyring()
    tokens.keep(ONE, Secret("t1"))
    tokens.keep(TWO, Secret("t2"))
    tokens.keep(ONE, Secret("t3"))
    assert kept_in(home) == {f"okhook {ONE.url}": "t3", f"okhook {TWO.url}": "t2"}
    assert tokens.of(ONE) == Secret("t3")
    assert tokens.forget(ONE)
    assert not tokens.forget(ONE)
    assert tokens.of(ONE) is None
    assert tokens.of(TWO) == Secret("t2")


def test_a_locked_keyring_is_an_error(home: Path) -> None:
    """Exit 3 with keyring's own reason and an alternative, whatever the call."""
    (home / "keyring.json").write_text(LOCKED)
    tokens = TokenKeyring()
    wants: list[Callable[[], object]] = [
        lambda: tokens.of(ONE),
        lambda: tokens.keep(ONE, Secret("t")),
    ]
    for wanted in wants:
        with pytest.raises(KeyringTrouble) as caught:
            wanted()
        assert caught.value.why == "the keyring is locked"
        assert "OKHOOK_TOKEN" in str(caught.value.next_step)
    with pytest.raises(KeyringTrouble):
        tokens.forget(ONE)


def test_a_system_without_a_keyring() -> None:
    """Reading finds nothing; storing is an error with an alternative."""
    tokens = TokenKeyring()
    assert tokens.of(ONE) is None
    wants: list[Callable[[], object]] = [
        tokens.name,
        lambda: tokens.keep(ONE, Secret("t")),
        lambda: tokens.forget(ONE),
    ]
    for wanted in wants:
        with pytest.raises(KeyringTrouble) as caught:
            wanted()
        assert "this system has no keyring" in str(caught.value.why)
        assert "OKHOOK_TOKEN" in str(caught.value.next_step)

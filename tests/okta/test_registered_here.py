"""What a machine remembers of its hooks: enough to know the secret again, and never the secret."""

import json
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okhook.okta.registered_here
from okhook.okta.event_hooks import EventHook, body_of, read_event_hook
from okhook.okta.registered_here import RegisteredHere, fingerprint, fingerprint_matches
from okhook.secret import Secret
from okhook.wire.org import Org
from tests.okta.fake_org import FakeOrg
from tests.okta.setup import ORG, SECRET, WANTED


def a_hook(hook_id: str = "who1") -> EventHook:
    return read_event_hook(FakeOrg().add(body_of(WANTED, description=None), hook_id))


def test_what_is_remembered_comes_back(tmp_path: Path) -> None:
    """By org and name, with the hook's id; another org or name knows nothing."""
    hooks = RegisteredHere(tmp_path)
    hooks.note(ORG, "mine", a_hook(), Secret(SECRET))
    assert hooks.id_of(ORG, "mine") == "who1"
    assert hooks.id_of(Org("https://other.okta.com"), "mine") is None
    assert hooks.id_of(ORG, "yours") is None


def test_the_secret_that_this_machine_wrote_is_known_again(tmp_path: Path) -> None:
    """The same secret, another one, and hooks into which it wrote none."""
    hooks = RegisteredHere(tmp_path)
    assert hooks.wrote(ORG, a_hook(), Secret(SECRET)) is None
    hooks.note(ORG, "mine", a_hook(), Secret(SECRET))
    assert hooks.wrote(ORG, a_hook(), Secret(SECRET)) is True
    assert hooks.wrote(ORG, a_hook(), Secret("another")) is False
    assert hooks.wrote(ORG, a_hook("who2"), Secret(SECRET)) is None
    hooks.note(ORG, "mine", a_hook(), None)
    assert hooks.wrote(ORG, a_hook(), Secret(SECRET)) is None


def test_a_hook_that_somebody_changed_may_have_any_secret(tmp_path: Path) -> None:
    """Deactivating it changes no secret: one that matches is still there."""
    hooks = RegisteredHere(tmp_path)
    hooks.note(ORG, "mine", a_hook(), Secret(SECRET))
    changed = replace(a_hook(), last_updated="2030-01-01T00:00:00.000Z")
    assert hooks.wrote(ORG, changed, Secret(SECRET)) is None
    deactivated = replace(changed, status="INACTIVE", verification_status="VERIFIED")
    assert hooks.wrote(ORG, deactivated, Secret(SECRET)) is True
    assert hooks.wrote(ORG, deactivated, Secret("another")) is None


def test_the_file_is_its_owners_alone_and_holds_no_secret(tmp_path: Path) -> None:
    """0600, and the secret in no spelling."""
    RegisteredHere(tmp_path / "state").note(ORG, "mine", a_hook(), Secret(SECRET))
    file = tmp_path / "state" / "hooks.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert SECRET not in file.read_text()
    assert sorted(path.name for path in file.parent.iterdir()) == ["hooks.json", "hooks.json.lock"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"https://dev-123.okta.com mine": 7}', "[" * 100_000, "\udcff",
     '{"https://dev-123.okta.com mine": {"hook_id": 7}}'],
)  # fmt: skip
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    """It costs a look-up, never an error, and the next write heals it."""
    (tmp_path / "hooks.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    hooks = RegisteredHere(tmp_path)
    assert hooks.id_of(ORG, "mine") is None
    hooks.follow(ORG, a_hook(), a_hook())
    hooks.note(ORG, "mine", a_hook(), None)
    assert hooks.id_of(ORG, "mine") is not None


def test_a_renamed_hook_is_known_by_its_new_name_alone(tmp_path: Path) -> None:
    """Whoever registers the old name again does not take the renamed hook for it."""
    hooks = RegisteredHere(tmp_path)
    hooks.note(ORG, "old", a_hook(), Secret(SECRET))
    hooks.note(Org("https://other.okta.com"), "old", a_hook(), None)
    hooks.note(ORG, "new", a_hook(), Secret(SECRET))
    assert hooks.id_of(ORG, "old") is None
    assert hooks.wrote(ORG, a_hook(), Secret(SECRET))
    assert sorted(hooks.names_and_ids()) == [("new", "who1"), ("old", "who1")]


def test_nothing_is_known_of_what_is_forgotten(tmp_path: Path) -> None:
    """A deleted hook leaves no trace, and takes no other along."""
    hooks = RegisteredHere(tmp_path)
    hooks.note(ORG, "one", a_hook("who1"), Secret(SECRET))
    hooks.note(ORG, "two", a_hook("who2"), Secret(SECRET))
    hooks.forget(ORG, "who1")
    assert hooks.names_and_ids() == [("two", "who2")]
    assert hooks.wrote(ORG, a_hook("who1"), Secret(SECRET)) is None
    assert hooks.wrote(ORG, a_hook("who2"), Secret(SECRET))
    assert hooks.wrote(Org("https://other.okta.com"), a_hook("who2"), Secret(SECRET)) is None


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    """Runs at the same time wait for one another: every hook is there at the end."""

    def write(number: int) -> None:
        hook = a_hook(f"who{number}")
        RegisteredHere(tmp_path).note(ORG, f"hook {number}", hook, None)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(json.loads((tmp_path / "hooks.json").read_text())) == 8


@given(secret=st.text(min_size=1, max_size=20), other=st.text(min_size=1, max_size=20))
def test_a_fingerprint_knows_its_secret_alone(secret: str, other: str) -> None:
    """It matches the secret and no other, and differs with the salt."""
    written = fingerprint(Secret(secret), b"0" * 16)
    assert fingerprint_matches(written, Secret(secret))
    assert fingerprint_matches(written, Secret(other)) == (secret == other)
    assert written != fingerprint(Secret(secret), b"1" * 16)


def test_a_fingerprint_costs_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """People choose short secrets, and those must not be found by trying."""
    monkeypatch.setattr(okhook.okta.registered_here, "_COST", 2**14)
    began = time.process_time()
    fingerprint(Secret("short"), b"0" * 16)
    assert time.process_time() - began > 0.005


@pytest.mark.parametrize(
    "written",
    ["", "$", "$$", "scrypt-14$!$x", "scrypt-14$$x", "md5$MDAwMDAwMDAwMDAwMDAwMA==$x", "é$é$é"],
)
def test_nonsense_is_nobodys_fingerprint(written: str) -> None:
    """A damaged entry matches nothing and raises nothing."""
    assert not fingerprint_matches(written, Secret("x"))

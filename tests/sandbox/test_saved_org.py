"""The org's file: what comes back, what never goes in, and what is done with a broken one."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.errors import ConfigurationError
from okhook.sandbox.group_state import GroupState
from okhook.sandbox.groups import Group
from okhook.sandbox.hooks import AuthScheme, Channel, EventFilter, EventHook, HookDraft
from okhook.sandbox.saved_org import KEPT_ENTRIES, org_text, read_org, write_org
from okhook.sandbox.state import OrgState
from okhook.sandbox.system_log import SystemLog
from okhook.sandbox.users import User, UserDraft, UserStatus
from okhook.secret import Secret

NOW = datetime(2026, 2, 1, 3, 4, 5, 678_000, tzinfo=UTC)
text = st.text(max_size=8)
times = st.datetimes(timezones=st.just(UTC))
optional_times = st.none() | times

users = st.builds(
    User,
    id=text,
    draft=st.builds(
        UserDraft,
        profile=st.fixed_dictionaries({"login": text}, optional={"x": st.lists(text), "n": text}),
        has_password=st.booleans(),
        recovery_question=st.none() | text,
    ),
    status=st.sampled_from(UserStatus),
    created=times,
    activated=optional_times,
    status_changed=optional_times,
    last_updated=times,
)
pairs = st.lists(st.tuples(text, text), max_size=2).map(tuple)
secrets = st.text(alphabet="0123456789abcdef", min_size=30, max_size=30).map(Secret)
auths = st.none() | st.builds(AuthScheme, text, st.none() | secrets)
hooks = st.builds(
    EventHook,
    id=text,
    draft=st.builds(
        HookDraft,
        name=text,
        description=st.none() | text,
        events=st.lists(text, max_size=3).map(tuple),
        filters=st.lists(st.builds(EventFilter, text, text), max_size=2).map(tuple),
        channel=st.builds(Channel, text, pairs, auths),
    ),
    active=st.booleans(),
    verified=st.booleans(),
    created=times,
    created_by=text,
    last_updated=times,
)


def admin() -> User:
    draft = UserDraft({"login": "admin"}, True, None)
    return User("00u0", draft, UserStatus.ACTIVE, NOW, NOW, NOW, NOW)


@settings(deadline=None, max_examples=50)
@given(
    others=st.lists(users, max_size=3, unique_by=lambda user: user.id),
    kept=st.lists(hooks, max_size=3, unique_by=lambda hook: hook.id),
)
def test_all_comes_back_but_the_secrets(
    tmp_path_factory: pytest.TempPathFactory, others: list[User], kept: list[EventHook]
) -> None:
    """A hook that had a secret is UNVERIFIED and lacks it; the file does not hold it."""
    others = [user for user in others if user.id != "00u0"]
    log = SystemLog(first_seq=7)
    logged = log.append(NOW, {"uuid": "u", "nothing": None})
    content = org_text(OrgState(admin(), "oty1", users=others, hooks=kept), log)
    path = tmp_path_factory.mktemp("org") / "org.json"
    write_org(path, content)
    saved = read_org(path)
    assert saved is not None
    assert (saved.admin, saved.users, saved.entries) == (admin(), tuple(others), (logged,))
    for before, after in zip(kept, saved.hooks, strict=True):
        auth = before.draft.channel.auth
        if auth is None:
            assert after == before
            continue
        assert after.lacks_secret
        assert not after.verified
        channel = replace(before.draft.channel, auth=AuthScheme(auth.key, None))
        draft = replace(before.draft, channel=channel)
        assert after == replace(before, draft=draft, verified=False)
        assert auth.secret is None or auth.secret.reveal() not in content


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Also where an umask would let others read it; nothing is left beside it."""
    path = tmp_path / "deep" / "org.json"
    before = os.umask(0)
    try:
        write_org(path, "{}")
        write_org(path, "{}")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["org.json"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """The new content is complete before it takes the old one's place."""
    path = tmp_path / "org.json"
    write_org(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_org(path, "\ud800")
    assert path.read_text() == "old"


def test_the_newest_entries_are_kept() -> None:
    """The file does not grow for ever."""
    log = SystemLog(first_seq=1)
    for n in range(KEPT_ENTRIES + 5):
        log.append(NOW, {"n": n})
    saved = json.loads(org_text(OrgState(admin(), "oty1"), log))
    assert [saved["log"][0]["seq"], saved["log"][-1]["seq"]] == [6, KEPT_ENTRIES + 5]


def test_no_file_is_no_org_yet(tmp_path: Path) -> None:
    """The first run with a name makes the file."""
    assert read_org(tmp_path / "org.json") is None


def good() -> dict[str, Any]:
    draft = HookDraft("n", None, (), (), Channel("u", (), None))
    hook = EventHook("who1", draft, True, True, NOW, "00u0", NOW)
    log = SystemLog(first_seq=1)
    log.append(NOW, {})
    groups = GroupState([Group("00g1", {"name": "Sales"}, NOW, NOW, NOW)], {"00g1": ["00u0"]})
    state = OrgState(admin(), "oty1", hooks=[hook], groups=groups)
    content: dict[str, Any] = json.loads(org_text(state, log))
    return content


BREAKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another format": lambda saved: saved.update(format=2),
    "groups of a wrong type": lambda saved: saved.update(groups={}),
    "a group that is none": lambda saved: saved["groups"][0].update(members=[1]),
    "a group without a name": lambda saved: saved["groups"][0].update(profile={}),
    "no format": lambda saved: saved.pop("format"),
    "no users": lambda saved: saved.pop("users"),
    "users of a wrong type": lambda saved: saved.update(users={}),
    "a user that is none": lambda saved: saved.update(users=[1]),
    "a status that is none": lambda saved: saved["admin"].update(status="HAPPY"),
    "no login": lambda saved: saved["admin"].update(profile={}),
    "a time without a zone": lambda saved: saved["admin"].update(created="2026-01-01T00:00:00"),
    "a hook that is none": lambda saved: saved["hooks"][0].update(active="yes"),
    "events that are none": lambda saved: saved["hooks"][0].update(events=[1]),
    "a header that is none": lambda saved: saved["hooks"][0].update(headers=[["a"]]),
    "an entry that is none": lambda saved: saved["log"][0].update(entry=[]),
    "a number that is none": lambda saved: saved["log"][0].update(seq=True),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_a_broken_file_is_an_error_and_stays_as_it_is(tmp_path: Path, fault: str) -> None:
    """It is named, with what is wrong and what to do, and never replaced by an empty org."""
    path = tmp_path / "org.json"
    saved = good()
    BREAKS[fault](saved)
    path.write_text(json.dumps(saved))
    before = path.read_bytes()
    with pytest.raises(ConfigurationError) as error:
        read_org(path)
    assert str(path) in error.value.what
    assert error.value.why
    assert error.value.next_step
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_json_object_is_an_error(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in the file instead."""
    path = tmp_path / "org.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        read_org(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """The one that the tests above break."""
    path = tmp_path / "org.json"
    path.write_text(json.dumps(good()))
    saved = read_org(path)
    assert saved is not None
    assert [(group.id, group.name) for group in saved.groups] == [("00g1", "Sales")]
    assert saved.members == {"00g1": ("00u0",)}


def test_a_file_from_before_there_were_groups_is_read(tmp_path: Path) -> None:
    """Its org has none; and who is in a group but not in the file is in no group."""
    path = tmp_path / "org.json"
    earlier = good()
    del earlier["groups"]
    path.write_text(json.dumps(earlier))
    saved = read_org(path)
    assert saved is not None
    assert saved.groups == ()
    unknown = good()
    unknown["groups"][0]["members"] = ["00u9"]
    path.write_text(json.dumps(unknown))
    saved = read_org(path)
    assert saved is not None
    assert saved.members == {"00g1": ()}


def test_a_directory_is_an_error(tmp_path: Path) -> None:
    """As is any file that cannot be read."""
    with pytest.raises(ConfigurationError):
        read_org(tmp_path)

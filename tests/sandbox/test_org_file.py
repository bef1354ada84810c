"""The org's file: what comes back, what never goes in, and what is done with a broken one."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.errors import ConfigurationError
from okhook.runtime.ids import new_okta_id
from okhook.sandbox.hook_body import read_hook
from okhook.sandbox.hooks import channel_of, create_hook, lacks_secret, verify_hook
from okhook.sandbox.org_file import KEPT_ENTRIES, OrgFile, load_org, org_text, write_org
from okhook.sandbox.state import Json, OrgState
from okhook.sandbox.system_log import SystemLog
from okhook.sandbox.users import STATUSES, new_user
from tests.sandbox.rig import hook_body, org_rig

NOW = datetime(2026, 2, 1, 3, 4, 5, 678_000, tzinfo=UTC)
SHOWN_NOW = "2026-02-01T03:04:05.000Z"
LATER = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://a.example.com/"
FILE_OF_FORMAT_1 = Path(__file__).with_name("org_file_1.json")

text = st.text(max_size=8)
profiles = st.fixed_dictionaries({"login": text}, optional={"x": st.lists(text), "n": text})
credentials: st.SearchStrategy[Json] = st.sampled_from([{}, {"password": {}}])
users = st.builds(
    lambda profile, credentials, status: new_user(
        profile, credentials, user_type_id="oty1", status=status, now=SHOWN_NOW
    ),
    profiles,
    credentials,
    st.sampled_from(STATUSES),
)
words = st.text(alphabet="0123456789abcdef", min_size=30, max_size=30)
hook_bodies = st.builds(
    lambda name, description, secret, headers: hook_body(
        URL,
        name=name,
        description=description,
        secret=secret,
        config={"headers": [{"key": "X-A", "value": value} for value in headers]},
    ),
    words,
    st.none() | text.filter(str.isprintable),
    st.none() | words.map("s-".__add__),
    st.lists(words, max_size=2),
)


@settings(deadline=None, max_examples=50)
@given(
    others=st.lists(users, max_size=3), bodies=st.lists(hook_bodies, max_size=3), is_verified=...
)
def test_a_restart_restores_everything_but_secrets(
    tmp_path_factory: pytest.TempPathFactory,
    others: list[Json],
    bodies: list[Json],
    is_verified: bool,
) -> None:
    """A hook that had a secret is UNVERIFIED and lacks it; the file does not hold it."""
    state, _ = load_org(None, NOW)
    state.users |= {user["id"]: user for user in others}
    log = SystemLog(first_seq=7)
    logged = log.append(NOW, {"uuid": "u", "nothing": None})
    for body in bodies:
        hook = create_hook(state, read_hook(body), new_okta_id("who"), NOW)
        if is_verified:
            verify_hook(state, hook["id"], channel_of(state, hook), NOW)
    content = org_text(state, log)
    path = tmp_path_factory.mktemp("org") / "org.json"
    write_org(path, content)
    after, log_after = load_org(path, LATER)
    assert (after.admin, after.users, after.user_type_id) == (
        state.admin,
        state.users,
        state.user_type_id,
    )
    assert log_after.newest(2) == [logged]
    assert list(after.hooks) == list(state.hooks)
    for hook_id, hook in state.hooks.items():
        if hook_id not in state.secrets:
            assert after.hooks[hook_id] == hook
            continue
        assert state.secrets[hook_id].reveal() not in content
        assert lacks_secret(after, after.hooks[hook_id])
        assert after.hooks[hook_id] == {
            **hook,
            "verificationStatus": "UNVERIFIED",
            "lastUpdated": "2026-03-01T00:00:00.000Z",
        }


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
    saved = json.loads(org_text(load_org(None, NOW)[0], log))
    assert [saved["log"][0]["seq"], saved["log"][-1]["seq"]] == [6, KEPT_ENTRIES + 5]


def test_without_a_file_the_org_is_new(tmp_path: Path) -> None:
    """The first run with a name makes the file; the only user is the token's owner."""
    state, log = load_org(tmp_path / "org.json", NOW)
    assert list(state.users.values()) == [state.admin]
    assert list(state.groups.values()) == [state.everyone]
    assert state.members == {state.everyone["id"]: [state.admin_id]}
    assert (state.hooks, log.newest(1)) == ({}, [])


def good() -> OrgState:
    state, _ = load_org(None, NOW)
    create_hook(state, read_hook(hook_body(URL, secret="s")), "who1", NOW)
    state.groups["00g1"] = {"id": "00g1", "type": "OKTA_GROUP", "profile": {"name": "Sales"}}
    state.members["00g1"] = [state.admin_id]
    return state


def saved_org() -> Json:
    log = SystemLog(first_seq=1)
    log.append(NOW, {})
    content: Json = json.loads(org_text(good(), log))
    return content


BREAKS: dict[str, Callable[[Json], Any]] = {
    "another format": lambda saved: saved.update(format=3),
    "no format": lambda saved: saved.pop("format"),
    "groups of a wrong type": lambda saved: saved.update(groups={}),
    "a member that is no id": lambda saved: saved["members"].update({"00g1": [1]}),
    "a group without members": lambda saved: saved.update(members={}),
    "a group without a name": lambda saved: saved["groups"][0].update(profile={}),
    "no users": lambda saved: saved.pop("users"),
    "users of a wrong type": lambda saved: saved.update(users={}),
    "a user that is no object": lambda saved: saved.update(users=[1]),
    "an admin that is no user": lambda saved: saved.update(admin_id="00u9"),
    "an unknown status": lambda saved: saved["users"][0].update(status="HAPPY"),
    "no login": lambda saved: saved["users"][0].update(profile={}),
    "a time without a zone": lambda saved: saved["hooks"][0].update(lastUpdated="2026-01-01T00:00"),
    "a hook without a status": lambda saved: saved["hooks"][0].update(status="yes"),
    "a hook that is not finished": lambda saved: saved["hooks"][0].update(channel={}),
    "events that are no texts": lambda saved: saved["hooks"][0]["events"].update(items=[1]),
    "an odd filter": lambda saved: saved["hooks"][0]["events"].update(filter="x"),
    "an entry that is no object": lambda saved: saved["log"][0].update(entry=[]),
    "a number that is none": lambda saved: saved["log"][0].update(seq=True),
    "a user without a provider": lambda saved: saved["users"][0].update(credentials={}),
    "hashes of a wrong type": lambda saved: saved.update(kept=[]),
    "a hash that is no text": lambda saved: saved.update(kept={"00u1": {"password": 7}}),
    "an attribute of an unknown type": lambda saved: saved.update(custom={"shoe": {"type": "x"}}),
    "attributes of a wrong type": lambda saved: saved.update(custom=[1]),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_a_broken_file_is_an_error_and_stays_as_it_is(tmp_path: Path, fault: str) -> None:
    """The error names it, with what is wrong and what to do; no empty org replaces it."""
    saved = saved_org()
    BREAKS[fault](saved)
    assert_refused(tmp_path, saved)


BREAKS_OF_FORMAT_1: dict[str, Callable[[Json], Any]] = {
    "no users": lambda saved: saved.pop("users"),
    "a user that is no object": lambda saved: saved.update(users=[1]),
    "an unknown status": lambda saved: saved["admin"].update(status="HAPPY"),
    "no login": lambda saved: saved["admin"].update(profile={}),
    "a time without a zone": lambda saved: saved["admin"].update(created="2026-01-01T00:00:00"),
    "a group that is none": lambda saved: saved["groups"][0].update(members=[1]),
    "a hook that is none": lambda saved: saved["hooks"][0].update(active="yes"),
    "events that are none": lambda saved: saved["hooks"][0].update(events=[1]),
    "a header that is none": lambda saved: saved["hooks"][0].update(headers=[["a"]]),
    "an entry that is none": lambda saved: saved["log"][0].update(entry=[]),
}


@pytest.mark.parametrize("fault", BREAKS_OF_FORMAT_1)
def test_a_broken_file_of_format_1_is_an_error_too(tmp_path: Path, fault: str) -> None:
    """It stays as it is."""
    saved = json.loads(FILE_OF_FORMAT_1.read_text())
    BREAKS_OF_FORMAT_1[fault](saved)
    assert_refused(tmp_path, saved)


def assert_refused(directory: Path, saved: Json) -> None:
    path = directory / "org.json"
    path.write_text(json.dumps(saved))
    before = path.read_bytes()
    with pytest.raises(ConfigurationError) as error:
        load_org(path, NOW)
    assert str(path) in error.value.what
    assert error.value.why
    assert error.value.next_step
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"\n", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_file_without_a_json_object_is_an_error(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in the file instead."""
    path = tmp_path / "org.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        load_org(path, NOW)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """The one that the tests above break; a member who is no user any more is left out."""
    path = tmp_path / "org.json"
    saved = saved_org()
    saved["members"]["00g1"].append("00u9")
    path.write_text(json.dumps(saved))
    state, _ = load_org(path, NOW)
    assert state.groups["00g1"] == good().groups["00g1"]
    assert state.members["00g1"] == [state.admin_id]


@pytest.mark.anyio
async def test_a_file_from_before_everyone_is_read_field_18(tmp_path: Path) -> None:
    """The group of all users is added, with all of them; no password of theirs is known."""
    path = tmp_path / "org.json"
    saved = saved_org()
    del saved["kept"], saved["custom"]
    saved["groups"] = [group for group in saved["groups"] if group["type"] == "OKTA_GROUP"]
    path.write_text(json.dumps(saved))
    async with org_rig(tmp_path, data=path) as org:
        everyone, sales = await org.ok("GET", "/api/v1/groups")
        [member] = await org.ok("GET", f"/api/v1/groups/{everyone['id']}/users")
        me = await org.ok("GET", "/api/v1/users/me")
        body = {"username": me["profile"]["login"], "password": "Abcdefg1"}
        refused = await org.call("POST", "/api/v1/authn", body=body)
    assert (everyone["type"], sales["id"], member["id"]) == ("BUILT_IN", "00g1", me["id"])
    assert refused.status_code == 401


@pytest.mark.anyio
async def test_a_file_of_format_1_is_read(tmp_path: Path) -> None:
    """The API shows what it showed when an earlier okhook wrote the file; only the secret is lost.

    Users, groups, hooks and their members stand below as that okhook's API answered with them.
    """
    path = tmp_path / "org.json"
    path.write_bytes(FILE_OF_FORMAT_1.read_bytes())
    created = dict.fromkeys(("created", "lastUpdated"), "2026-11-01T12:30:15.000Z")
    provider = {"provider": {"type": "OKTA", "name": "OKTA"}}
    async with org_rig(tmp_path, data=path) as org:
        users = await org.ok("GET", "/api/v1/users?search=id+pr")
        everyone, group = await org.ok("GET", "/api/v1/groups")
        assert len(await org.ok("GET", f"/api/v1/groups/{everyone['id']}/users")) == len(users)
        [member] = await org.ok("GET", f"/api/v1/groups/{group['id']}/users")
        open_hook, secret_hook = await org.ok("GET", "/api/v1/eventHooks")
        entries = await org.log("?since=2026-10-01T00:00:00Z")
        assert org.sandbox.hooks_lacking_secret == ("secret",)
    admin, jane, joe = users
    assert {name: jane[name] for name in jane if name not in ("profile", "_links")} == {
        "id": "00uJw6QQf6xdNod15cYs",
        "status": "ACTIVE",
        "activated": created["created"],
        "statusChanged": created["created"],
        "lastLogin": None,
        "passwordChanged": created["created"],
        "type": {"id": "otyzhlPbhm4o9AIrxIBo"},
        "credentials": {
            "password": {},
            "recovery_question": {"question": "Which horse?"},
            **provider,
        },
        **created,
    }
    assert (jane["profile"]["department"], jane["profile"]["tags"]) == ("Sales", ["a", "b"])
    assert (joe["status"], joe["activated"], joe["passwordChanged"]) == ("STAGED", None, None)
    assert joe["credentials"] == provider
    assert (admin["id"], member["id"]) == ("00unGV22kBdIE2YzNO97", jane["id"])
    assert group["profile"] == {"name": "Sales", "description": "Who sells"}
    assert group["lastMembershipUpdated"] == created["created"]
    assert {**open_hook, "_links": None} == {
        "id": "whoQIjx5SOTjWl6vSOMA",
        "status": "ACTIVE",
        "verificationStatus": "VERIFIED",
        "name": "open",
        "description": None,
        "createdBy": admin["id"],
        "events": {"type": "EVENT_TYPE", "items": ["user.lifecycle.create"], "filter": None},
        "channel": {
            "type": "HTTP",
            "version": "1.0.0",
            "config": {
                "uri": "http://127.0.0.1:35549/hook",
                "headers": [{"key": "X-Other", "value": "mine"}],
                "method": "POST",
                "authScheme": None,
            },
        },
        "_links": None,
        **created,
    }
    assert secret_hook["verificationStatus"] == "UNVERIFIED"
    assert secret_hook["lastUpdated"] > created["lastUpdated"]
    assert secret_hook["channel"]["config"]["authScheme"] == {
        "type": "HEADER",
        "key": "authorization",
    }
    assert secret_hook["events"]["filter"]["eventFilterMap"] == [
        {
            "event": "group.user_membership.add",
            "condition": {
                "version": None,
                "expression": "event.target.?[displayName eq 'Sales'].size()>0",
            },
        }
    ]
    assert [entry["uuid"] for entry in entries] == [
        "cd46d8fe-a2c6-4946-ba32-14a493a47f84",
        "54b9205a-a336-4087-8140-71a5ad5a727f",
    ]
    assert json.loads(path.read_text())["format"] == 2


def test_a_file_from_before_there_were_groups_is_read(tmp_path: Path) -> None:
    """Its org has the group of all users, and no other."""
    path = tmp_path / "org.json"
    saved = json.loads(FILE_OF_FORMAT_1.read_text())
    del saved["groups"]
    path.write_text(json.dumps(saved))
    state, _ = load_org(path, NOW)
    assert list(state.groups.values()) == [state.everyone]
    assert len(state.members[state.everyone["id"]]) == len(state.users) == 3


def test_an_empty_file_or_a_device_is_a_new_org_field_05(tmp_path: Path) -> None:
    """A file that is mounted alone has to exist before; what is written goes into it."""
    path, link = tmp_path / "org.json", tmp_path / "link.json"
    path.touch()
    link.symlink_to(path.name)
    state, log = load_org(link, NOW)
    assert len(state.users) == 1
    for each in (link, Path(os.devnull)):
        write_org(each, org_text(state, log))
    assert load_org(path, NOW)[0] == state
    assert load_org(Path(os.devnull), NOW)[0] != state
    assert link.is_symlink()
    assert Path(os.devnull).is_char_device()


def test_a_pipe_is_an_error_field_05(tmp_path: Path) -> None:
    """An org cannot be read back from it, and nothing waits for a writer."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigurationError, match="pipe is not the file of a sandbox org"):
        load_org(tmp_path / "pipe", NOW)


def test_a_directory_is_an_error(tmp_path: Path) -> None:
    """As is any file that cannot be read."""
    with pytest.raises(ConfigurationError):
        load_org(tmp_path, NOW)


@pytest.mark.anyio
async def test_what_changed_last_is_written_at_the_end(tmp_path: Path) -> None:
    """A change just before the end does not have to wait for its turn."""
    path = tmp_path / "org.json"
    state, log = load_org(None, NOW)
    file = OrgFile(path, state, log)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(file.run)
        await anyio.wait_all_tasks_blocked()
        log.append(NOW, {"n": 1})
        file.changed()
        tasks.cancel_scope.cancel()
    assert [logged["entry"] for logged in json.loads(path.read_text())["log"]] == [{"n": 1}]


@pytest.mark.anyio
async def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    """An org that only answers questions leaves its file alone."""
    path = tmp_path / "org.json"
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(OrgFile(path, *load_org(None, NOW)).run)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert not path.exists()


@pytest.mark.anyio
async def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """Told with its name, instead of an org that looks kept and is not."""
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "org.json"
    with pytest.raises(ConfigurationError, match="could not write") as error:
        await OrgFile(path, *load_org(None, NOW)).write()
    assert str(path) in error.value.what
    assert error.value.why


def test_a_pipe_is_no_org_file_field_10(tmp_path: Path) -> None:
    """Its reading might never end."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigurationError, match="is not the file of a sandbox org") as refused:
        load_org(tmp_path / "pipe", NOW)
    assert refused.value.why == "it is not a regular file"

"""``okhook types``: the catalogue, the org's hooks, and what came here."""

import json
from pathlib import Path
from typing import Any

import anyio

from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.store.open import open_store
from okhook.wire.payload import CANARY_EVENT_TYPE
from tests.okta.fake_org import TOKEN, FakeOrg, answering, error, running_in_thread
from tests.sandbox.rig import hook_body
from tests.support.in_process import run_okhook
from tests.support.records import delivery_body, event, post


def json_lines(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


async def keep(home: Path, body: bytes) -> None:
    """Put a delivery into the store of a home."""
    (home / "state").mkdir()
    async with open_store(home / "state" / "store.db") as store:
        await store.append(
            NewRecord(RecordKind.DELIVERY, post(body), 204, None, AuthOutcome.NOT_ASKED)
        )
        await store.settled()


def test_the_catalogue_alone(tmp_path: Path) -> None:
    """Without an org and a store: every eligible type, with --all every other after it."""
    done = run_okhook("types", "--output", "json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = json_lines(done.stdout)
    assert len(lines) == 314
    assert lines[0] == {
        "type": "event_type",
        "event_type": "access.request.cancel",
        "eligible": True,
        "subscribed": None,
        "seen": False,
    }
    everything = json_lines(run_okhook("types", "--all", "--output", "json", home=tmp_path).stdout)
    assert len(everything) == 1274
    assert [line["eligible"] for line in everything[313:315]] == [True, False]
    assert everything[:314] == lines


def test_searching(tmp_path: Path) -> None:
    """Words in any order; hidden types are counted, and no match is exit 1."""
    found = run_okhook("types", "session START", home=tmp_path)
    assert found.stdout == "user.session.start\n"
    assert "--all shows 1 that no hook" in found.stderr
    beyond = run_okhook("types", "event_hook.", home=tmp_path)
    assert (beyond.returncode, beyond.stdout) == (1, "")
    assert "pass --all to show 7" in beyond.stderr
    assert "not for hooks" in run_okhook("types", "event_hook.", "--all", home=tmp_path).stdout
    slip = run_okhook("types", "user.lifecyle.create", home=tmp_path)
    assert slip.returncode == 1
    assert "did you mean user.lifecycle.create" in slip.stderr


def test_subscribed_and_seen_types_are_marked(tmp_path: Path) -> None:
    """The store is read without an org, the org's hooks with one; hostile names stay text."""
    hostile = "user.\x1b[31m\n\u202e"
    events = [event("u1", "user.session.start"), event("u2", hostile)]
    anyio.run(keep, tmp_path, delivery_body("e1", *events, event("u3", CANARY_EVENT_TYPE)))
    alone = run_okhook("types", "user.", home=tmp_path)
    assert alone.returncode == 0, alone.stderr
    seen = [line.split()[0] for line in alone.stdout.splitlines() if "seen" in line.split()]
    assert seen == ["user.\\x1b[31m\\n\\u202e", "user.session.start"]
    assert CANARY_EVENT_TYPE not in run_okhook("types", "canary", "--all", home=tmp_path).stdout
    org = FakeOrg()
    org.add(hook_body("https://a.example.com/", name="\x1bmine"), "who1")
    with running_in_thread(org):
        flags = ("types", "user.", "--org", org.url)
        env = {"OKHOOK_TOKEN": TOKEN}
        text = run_okhook(*flags, home=tmp_path, env=env)
        lines = json_lines(run_okhook(*flags, "--output", "json", home=tmp_path, env=env).stdout)
    assert "\x1b" not in alone.stdout + text.stdout
    [create] = [line for line in text.stdout.splitlines() if "user.lifecycle.create" in line]
    assert create.split() == ["user.lifecycle.create", "\\x1bmine"]
    known = {line["event_type"]: line for line in lines}
    assert known["user.lifecycle.create"]["subscribed"] == ["who1"]
    assert (known["user.session.start"]["subscribed"], known["user.session.start"]["seen"]) == (
        [],
        True,
    )
    assert known[hostile]["eligible"] is None


def test_an_org_that_cannot_be_asked(tmp_path: Path) -> None:
    """An error if --org names it; otherwise the catalogue is shown without it."""
    org = FakeOrg()
    with running_in_thread(org):
        for _ in range(2):
            org.fail_next("GET", answering(lambda: error(403, "E0000006", "no permission")))
        env = {"OKHOOK_TOKEN": TOKEN}
        named = run_okhook("types", "--org", org.url, home=tmp_path, env=env)
        set_for_all = run_okhook("types", home=tmp_path, env={**env, "OKHOOK_ORG": org.url})
    assert (named.returncode, named.stdout) == (5, "")
    assert set_for_all.returncode == 0
    assert len(set_for_all.stdout.splitlines()) == 314
    assert "skipped the org's hooks" in set_for_all.stderr


def test_a_damaged_store(tmp_path: Path) -> None:
    """Exit 9, as wherever it is read."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "store.db").write_bytes(b"not a database" * 100)
    assert run_okhook("types", home=tmp_path).returncode == 9

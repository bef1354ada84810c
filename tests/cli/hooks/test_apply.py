"""``okhook hooks apply``: against a sandbox org, and against an org with faults."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.hooks.rig import Sandbox, endpoint, json_lines, of_fake
from tests.okta.fake_org import FakeOrg, answering, error
from tests.sandbox.rig import hook_body
from tests.support.each import check_each
from tests.support.ports import free_port

URL = "https://hooks.example.com/okta"


def entry(name: str = "a", url: str = URL, more: str = "") -> str:
    return f'[[hook]]\nname = "{name}"\nurl = "{url}"\nevents = ["user.session.start"]\n{more}\n'


def applied(org: Sandbox, text: str, *flags: str, **env: str) -> Any:  # noqa: ANN401 - a process
    (org.home / "hooks.toml").write_text(text, encoding="utf-8")
    return org.run("apply", "hooks.toml", *flags, **env)


def names(org: Sandbox) -> list[str]:
    return [hook["name"] for hook in org.org.hooks()]


def test_what_was_exported_changes_nothing(org: Sandbox) -> None:
    """Every kind of hook, and no secret is set."""
    with endpoint("of-a") as url:
        a = org.create(url, name="a", secret="of-a", description='"${x}"')
        org.call("POST", f"/api/v1/eventHooks/{a['id']}/lifecycle/verify")
    headers = [{"key": "X-Api-Key", "value": "hush-hush"}, {"key": "X-Stage", "value": "dev"}]
    off = org.create(URL, name="off", secret="of-off", config={"headers": headers})
    twins = [org.create(URL, name="twin") for _ in range(2)]
    for hook in (off, *twins):
        org.call("POST", f"/api/v1/eventHooks/{hook['id']}/lifecycle/deactivate")
    before = org.org.hooks()
    exported = org.run("export").stdout
    assert "hush-hush" not in exported
    for flags in (("--dry-run",), ("--prune",), ()):
        done = applied(org, exported, *flags)
        assert (done.returncode, done.stdout) == (0, "plan: 4 unchanged\n"), done.stderr
    assert org.org.hooks() == before


def test_a_dry_run_shows_the_plan_and_writes_nothing(org: Sandbox) -> None:
    """Exit code 2, as JSON a line for each hook and one with the counts."""
    kept = org.create(URL, name="kept", events=["user.session.start"])
    org.call("POST", f"/api/v1/eventHooks/{kept['id']}/lifecycle/deactivate")
    org.create(URL, name="gone")
    before = org.org.hooks()
    text = entry("new") + entry("kept", more="active = false")
    done = applied(org, text, "--dry-run", "--prune", "--output", "json")
    assert done.returncode == 2
    *hooks, summary = json_lines(done.stdout)
    assert [(line["name"], line["action"], line["verify"]) for line in hooks] == [
        ("new", "create", True), ("gone", "delete", False), ("kept", "unchanged", False),
    ]  # fmt: skip
    assert (summary["type"], summary["create"], summary["delete"]) == ("hook_plan", 1, 1)
    done = applied(org, text, "--dry-run")
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == "plan: 1 to create, 1 unchanged"
    assert "not in the file: 1 hook (gone); --prune deletes" in done.stderr
    assert org.org.hooks() == before


def test_apply_brings_the_org_into_the_state_of_the_file(org: Sandbox) -> None:
    """Created, changed, activated, verified; a second time there is nothing to do."""
    with endpoint() as url:
        old = org.create(URL, name="changed")
        off = org.create(url, name="activated", events=["user.session.start"])
        org.call("POST", f"/api/v1/eventHooks/{off['id']}/lifecycle/deactivate")
        text = entry("new", url) + entry("changed", url) + entry("activated", url)
        text += entry("off", more="active = false")
        done = applied(org, text)
        assert done.returncode == 0, done.stderr
        again = applied(org, text)
        assert again.stdout == "plan: 4 unchanged\n"
    hooks = {hook["name"]: hook for hook in org.org.hooks()}
    assert hooks["changed"]["id"] == old["id"]
    for name in ("new", "changed", "activated"):
        assert (hooks[name]["status"], hooks[name]["verificationStatus"]) == ("ACTIVE", "VERIFIED")
        assert hooks[name]["channel"]["config"]["uri"] == url
        assert hooks[name]["events"]["items"] == ["user.session.start"]
    assert hooks["off"]["status"] == "INACTIVE"
    assert [line.split("  ")[0] for line in done.stdout.splitlines() if " in http" in line] == [
        "created", "created", "updated (url, events)", "updated (status)",
    ]  # fmt: skip


def test_prune_asks(org: Sandbox) -> None:
    """Without a terminal and without --yes nothing is done, also in a sandbox."""
    org.create(URL, name="gone")
    done = applied(org, entry("new"), "--prune", "--no-verify")
    assert done.returncode == 2
    assert "cannot ask for confirmation" in done.stderr
    assert "and delete 1 event hook for good?" in done.stderr
    assert names(org) == ["gone"]
    done = applied(org, entry("new"), "--prune", "--no-verify", "--yes")
    assert done.returncode == 0, done.stderr
    assert names(org) == ["new"]


def test_an_empty_file_prunes_nothing(org: Sandbox) -> None:
    """It may be a mistake, and would take every hook of the org."""
    org.create(URL, name="kept")
    done = applied(org, "", "--prune", "--yes")
    assert done.returncode == 3
    assert "hooks.toml: it has no hooks, and --prune would delete every hook" in done.stderr
    assert names(org) == ["kept"]
    assert applied(org, "").returncode == 0


def test_a_secret_goes_elsewhere_only_after_a_question(org: Sandbox) -> None:
    """The file may be a stranger's; a question comes for a sandbox, too."""
    secret = "secret = { header = 'Authorization' }"
    done = applied(org, entry(more=secret), OKHOOK_AUTH_SECRET="hush-hush")
    assert done.returncode == 2
    assert "let the org send secrets to hooks.example.com?" in done.stderr
    assert names(org) == []
    with endpoint("hush-hush") as url:
        text = entry(url=url, more=secret)
        done = applied(org, text, OKHOOK_AUTH_SECRET="hush-hush")
        assert done.returncode == 0, done.stderr
        assert "sends        the value of OKHOOK_AUTH_SECRET" in done.stdout
        assert applied(org, text, OKHOOK_AUTH_SECRET="hush-hush").stdout == "plan: 1 unchanged\n"
        changed = applied(org, text, "--dry-run", OKHOOK_AUTH_SECRET="another-one")
        assert (changed.returncode, "secret       set again" in changed.stdout) == (2, True)
    assert "hush-hush" not in done.stdout + done.stderr


def test_a_secret_that_is_not_set(org: Sandbox) -> None:
    """A dry run needs none and names the variable; apply refuses before it writes."""
    text = entry("first") + entry(
        more="secret = { header = 'X-S', variable = 'OKHOOK_AUTH_SECRET_A' }"
    )
    done = applied(org, text, "--dry-run")
    assert done.returncode == 2
    assert "needs        OKHOOK_AUTH_SECRET_A" in done.stdout
    done = applied(org, text)
    assert done.returncode == 3
    assert "error: not set: OKHOOK_AUTH_SECRET_A" in done.stderr
    assert "a change replaces the whole hook" not in done.stderr
    assert names(org) == []
    done = applied(org, text, "--yes", "--no-verify", OKHOOK_AUTH_SECRET_A="hush-hush")
    assert done.returncode == 0, done.stderr
    assert names(org) == ["first", "a"]
    changed = applied(org, text.replace("user.session.start", "user.session.end"))
    assert (changed.returncode, "a change replaces the whole hook" in changed.stderr) == (3, True)
    empty = applied(org, text, "--dry-run", OKHOOK_AUTH_SECRET_A="")
    assert (empty.returncode, "OKHOOK_AUTH_SECRET_A is empty" in empty.stderr) == (3, True)


WRONG = {
    entry(url="http://hooks.example.com/"): "hooks.toml: hook 1 (a), url: the URL must be https://",
    entry(url="https://{yourDomain}/"): "hook 1 (a), url: the URL contains a placeholder",
    entry().replace("session.start", "sesion.start"): (
        "hook 1 (a), events: user.sesion.start is not an event type of Okta's release 2026.08.1;"
        " did you mean user.session.start"
    ),
    entry().replace("user.session.start", "account.org.add"): (
        "is an event type of the System Log, which no hook can have"
    ),
    entry().replace('"user.session.start"', ""): (
        "hook 1 (a), events: the hook needs at least one event type\n"
    ),
    entry("b") + entry(more='headers = { Host = "x" }'): (
        "hook 2 (a), headers: the header Host is part of"
    ),
    entry(more='filters = { "user.session.end" = "true" }'): (
        "hook 1 (a), filters: the filter is for"
    ),
    entry("\\u001b[31m"): (
        "hook 1 (\\x1b[31m), name: the hook's name contains a line break"
    ),
    entry(url="https://me:hush@hooks.example.com/"): (
        'url: the URL contains a user name; write secret = { header = "Authorization" } instead'
    ),
    entry(more='secret = { header = "X-Key" }\nheaders = { x-key = "1" }'): (
        "hook 1 (a), headers: the header X-Key already carries the secret"
    ),
    entry(more='secret = { header = "Host" }'): "hook 1 (a), secret: the header Host is part of",
    entry(more="evnts = []"): "hooks.toml: hook 1 (a): unknown name evnts",
    "[[hook": "hooks.toml: invalid TOML",
    entry(more='id = "who1"'): "has no event hook who1",
}  # fmt: skip


def test_a_wrong_file_writes_nothing(org: Sandbox) -> None:
    """Each error names the hook; exit code 2 stays free for the result of a dry run."""
    org.create(URL, name="kept")

    def check(text: str) -> None:
        for flags in ((), ("--dry-run",)):
            done = applied(org, text, "--yes", *flags)
            assert done.returncode == (5 if 'id = "who1"' in text else 3), done.stderr
            assert WRONG[text] in done.stderr, done.stderr
            assert "\x1b[31m" not in done.stderr
            assert "warning: a: user.sesion" not in done.stderr, "the error says it already"

    check_each(WRONG, check)
    assert names(org) == ["kept"]
    done = org.run("apply", "missing.toml")
    assert (done.returncode, "missing.toml: could not be read" in done.stderr) == (3, True)


def test_a_fault_of_a_file_names_no_flag(org: Sandbox) -> None:
    """Whoever reads it has a file before them, and not a command line."""
    for text in WRONG:
        said = applied(org, text, "--yes").stderr
        assert not re.findall(r"--[a-z]", said), said


def test_what_the_org_has_already_can_stay(org: Sandbox, tmp_path: Path) -> None:
    """A line break in a name: an export can be applied again, also with another change."""
    org.create(URL, name="a\nb", description="c\td", secret="s3cret", events=["user.session.start"])
    done = org.run("export")
    why = "contains a line break or another unprintable character"
    assert "a\\nb: `okhook hooks apply` can keep this hook, but not create it" in done.stderr
    assert done.stderr.count(why) == 2
    again = applied(org, done.stdout, "--dry-run", "--no-verify")
    assert (again.returncode, "plan: 1 unchanged" in again.stdout) == (0, True), again.stdout
    other = done.stdout.replace("user.session.start", "user.session.end")
    changed = applied(org, other, "--no-verify", OKHOOK_AUTH_SECRET="s3cret")
    assert changed.returncode == 0, changed.stderr
    renamed = applied(org, other.replace('"a\\u000ab', '"b\\u000ab'), "--dry-run")
    assert (renamed.returncode, why in renamed.stderr) == (3, True)


def test_an_event_type_that_the_org_knows(fake: FakeOrg, tmp_path: Path) -> None:
    """Okta adds event types each month: what a hook of the org has can be in the file."""
    fake.add(hook_body(URL, name="kept", events=["user.session.start", "user.brand.new"]))
    file = tmp_path / "hooks.toml"
    file.write_text(entry().replace("user.session.start", "user.brand.new"), encoding="utf-8")
    done = of_fake(fake, tmp_path, "apply", str(file), "--dry-run")
    assert (done.returncode, "plan: 1 to create" in done.stdout) == (2, True), done.stderr


def test_a_name_that_two_hooks_have(org: Sandbox) -> None:
    """The file needs the id of one; the error has both."""
    ids = [org.create(URL, name="twin")["id"] for _ in range(2)]
    done = applied(org, entry("twin"))
    assert done.returncode == 3
    assert all(hook_id in done.stderr for hook_id in ids)
    assert f'id = "{ids[0]}"' in done.stderr
    renamed = entry("renamed", more=f'id = "{ids[1]}"')
    assert applied(org, renamed, "--no-verify").returncode == 0
    assert names(org) == ["twin", "renamed"]


def test_a_hook_that_was_renamed_in_the_org(org: Sandbox) -> None:
    """It is found by the id that this machine kept, as by register."""
    assert applied(org, entry(), "--no-verify").returncode == 0
    hook = org.org.hooks()[0]
    org.call("PUT", f"/api/v1/eventHooks/{hook['id']}", {**hook, "name": "other"})
    done = applied(org, entry(), "--no-verify")
    assert "name         other → a" in done.stdout
    assert [each["id"] for each in org.org.hooks()] == [hook["id"]]


def test_a_hook_that_cannot_be_verified(org: Sandbox) -> None:
    """It stops no other hook; nothing is deleted, which it may be to replace."""
    org.create(URL, name="gone")
    with endpoint() as url:
        text = entry("deaf", f"http://127.0.0.1:{free_port()}/") + entry("b", url)
        done = applied(org, text, "--prune", "--yes")
    assert done.returncode == 8
    assert "the org could not verify the event hook deaf" in done.stderr
    assert "therefore not deleted: gone (delete)" in done.stderr
    assert "then run this command again: it deletes them" in done.stderr
    verified = {hook["name"]: hook["verificationStatus"] for hook in org.org.hooks()}
    assert verified == {"gone": "UNVERIFIED", "deaf": "UNVERIFIED", "b": "VERIFIED"}


def test_a_failure_half_way(fake: FakeOrg, tmp_path: Path) -> None:
    """The error says what is done and what is not, and the next run does the rest."""
    file = tmp_path / "hooks.toml"
    file.write_text(entry("a") + entry("b") + entry("c"), encoding="utf-8")
    refusal = answering(lambda: error(403, "E0000006", "You do not have permission"))

    async def second(org: FakeOrg, request: Any) -> Any:  # noqa: ANN401 - Starlette's
        org.fail_next("POST /api/v1/eventHooks", refusal)
        return None

    fake.fail_next("POST /api/v1/eventHooks", second)
    done = of_fake(fake, tmp_path, "apply", str(file), "--no-verify")
    assert done.returncode == 5, done.stderr
    for line in ("done: a (create)", "failed: b (create)", "not done: c (create)"):
        assert f"  {line}\n" in done.stderr
    assert "run this command again: it does the rest" in done.stderr
    assert [hook["name"] for hook in fake.hooks.values()] == ["a"]
    writes = len(fake.writes)
    done = of_fake(fake, tmp_path, "apply", str(file), "--no-verify")
    assert done.returncode == 0, done.stderr
    assert [hook["name"] for hook in fake.hooks.values()] == ["a", "b", "c"]
    assert len(fake.writes) == writes + 2


def test_a_hook_that_another_run_created_meanwhile(fake: FakeOrg, tmp_path: Path) -> None:
    """Okta would take a second one of the name: it is not created, and both are named."""
    file = tmp_path / "hooks.toml"
    file.write_text(entry("a") + entry("b"), encoding="utf-8")

    async def meanwhile(org: FakeOrg, request: Any) -> Any:  # noqa: ANN401 - Starlette's
        org.add(hook_body(URL, name="b"), "whoOther")
        return None

    fake.fail_next("POST /api/v1/eventHooks", meanwhile)
    done = of_fake(fake, tmp_path, "apply", str(file), "--no-verify")
    assert done.returncode == 3, done.stderr
    assert "another run created the event hook b meanwhile (whoOther)" in done.stderr
    assert "then run this command again" in done.stderr
    assert [hook["name"] for hook in fake.hooks.values()] == ["b", "a"]


def test_a_hook_that_another_run_created_at_the_same_time(fake: FakeOrg, tmp_path: Path) -> None:
    """Nothing can prevent it; the org has both, and the warning says which to delete."""
    file = tmp_path / "hooks.toml"
    file.write_text(entry("a"), encoding="utf-8")

    async def at_the_same_time(org: FakeOrg, request: Any) -> Any:  # noqa: ANN401 - Starlette's
        org.add(hook_body(URL, name="a"), "whoOther")
        return None

    fake.fail_next("POST /api/v1/eventHooks", at_the_same_time)
    done = of_fake(fake, tmp_path, "apply", str(file), "--no-verify")
    (ours,) = (each for each in fake.hooks if each != "whoOther")
    assert done.returncode == 0, done.stderr
    assert "2 new event hooks called a: another run created whoOther" in done.stderr
    assert f"okhook hooks delete {ours}" in done.stderr


def test_hostile_hooks_are_text(fake: FakeOrg, tmp_path: Path) -> None:
    """What the org has is shown without control characters and markup."""
    hostile = "\x1b[31m\n\u202e[bold]x"
    body = {
        "name": hostile,
        "events": {"type": "EVENT_TYPE", "items": [hostile]},
        "channel": {"type": "HTTP", "version": "1.0.0", "config": {"uri": hostile}},
    }
    fake.add(body, description=hostile)
    file = tmp_path / "hooks.toml"
    file.write_text(entry("a"), encoding="utf-8")
    done = of_fake(fake, tmp_path, "apply", str(file), "--dry-run", "--prune")
    assert done.returncode == 2
    assert not {"\x1b", "\u202e"} & {*done.stdout, *done.stderr}
    assert r"\x1b[31m\n\u202e[bold]x" in done.stdout
    exported = of_fake(fake, tmp_path, "export")
    assert not {"\x1b", "\u202e"} & {*exported.stdout}


@pytest.mark.parametrize("flags", [(), ("--prune",)])
def test_a_real_org_is_asked_about(
    fake: FakeOrg, tmp_path: Path, flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written without a yes; a plan without changes needs none."""
    monkeypatch.setattr("okhook.wire.org.Org.is_loopback", False)
    file = tmp_path / "hooks.toml"
    file.write_text(entry("a"), encoding="utf-8")
    done = of_fake(fake, tmp_path, "apply", str(file), "--no-verify", *flags)
    assert done.returncode == 2
    assert "apply this plan to 127.0.0.1" in done.stderr
    assert fake.writes == []
    done = of_fake(fake, tmp_path, "apply", str(file), "--no-verify", *flags, "--yes")
    assert done.returncode == 0, done.stderr
    assert of_fake(fake, tmp_path, "apply", str(file), "--no-verify", *flags).returncode == 0

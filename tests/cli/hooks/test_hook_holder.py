"""``okhook register`` and ``okhook hooks`` beside an ``okhook up`` that has the hook."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.in_process import run_okhook
from tests.support.okhook_process import running_okhook
from tests.support.ports import free_port
from tests.support.sandbox_org import sandbox_org

UP = ("up", "--sandbox", "--sandbox-port", "0", "--port", "0", "--output", "json")


@contextmanager
def up(home: Path, **env: str) -> Iterator[dict[str, Any]]:
    """Run an okhook up with a sandbox of its own, and give what it says when it is ready."""
    with running_okhook(*UP, home=home, env=env) as process:
        yield process.wait_for_json("ready")


def run(home: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return run_okhook(
        *arguments, home=home, env={"OKHOOK_ORG": "sandbox", "OKHOOK_WAIT": "0", **env}
    )


def test_a_hook_that_is_up_is_taken_by_nobody_else(tmp_path: Path) -> None:
    """Its secret is known to that run alone: what would replace or delete it is exit 3.

    To deactivate it is done, since it can be undone: by the command that is told.
    """
    with up(tmp_path) as ready:
        hook_id = ready["hook_id"]
        before = run(tmp_path, "hooks", "show", hook_id, "--output", "json").stdout
        secret = {"OKHOOK_AUTH_SECRET": "of-mine"}
        hooks_file = tmp_path / "hooks.toml"
        hooks_file.write_text(
            '[[hook]]\nname = "a"\nurl = "http://127.0.0.1:9/"\nevents = ["user.session.start"]'
        )
        refused = [
            run(tmp_path, "register"),
            run(tmp_path, "register", **secret),
            run(tmp_path, "hooks", "edit", hook_id, "--name", "other"),
            run(tmp_path, "hooks", "edit", hook_id, "--url", "http://127.0.0.1:9/"),
            run(tmp_path, "hooks", "edit", hook_id, **secret),
            run(tmp_path, "hooks", "edit", hook_id, "--name", "other", **secret),
            run(tmp_path, "hooks", "delete", hook_id, "--yes"),
            run(tmp_path, "hooks", "apply", str(hooks_file), "--prune", "--yes"),
        ]
        after = run(tmp_path, "hooks", "show", hook_id, "--output", "json").stdout
        own = run(
            tmp_path, "register", "--name", "another", "--url", "http://127.0.0.1:9/", "--no-verify"
        )
        deactivated = run(tmp_path, "hooks", "deactivate", hook_id)
    for done in refused:
        assert done.returncode == 3, done.stdout + done.stderr
        assert "a running okhook up uses this hook of" in done.stderr
        assert "(process " in done.stderr
        assert "stop it" in done.stderr
    assert f"`okhook hooks edit {hook_id}`" in " ".join(refused[0].stderr.split())
    assert before == after
    assert own.returncode == 0, own.stderr
    assert deactivated.returncode == 0
    assert f"okhook hooks activate {hook_id}" in deactivated.stderr


def test_no_other_hook_gets_the_receiver_of_an_up_without_its_secret(tmp_path: Path) -> None:
    """It could not be verified: only that run knows the secret. Nothing is created."""
    with up(tmp_path) as ready:
        url = ready["webhook_url"]
        refused = [
            run(tmp_path, "register", "--name", "other"),
            run(tmp_path, "register", "--name", "other", "--url", url),
        ]
        hooks = run(tmp_path, "hooks", "list", "--output", "json").stdout
    for done in refused:
        assert done.returncode == 3, done.stdout + done.stderr
        assert "asks for its own hook's secret" in done.stderr
        assert f"gets 401 from {url}" in done.stderr
    assert '"other"' not in hooks


def test_the_run_edits_its_own_hook_field_23(tmp_path: Path) -> None:
    """It alone knows the secret: event types, filters and the description change while it runs."""
    with up(tmp_path) as ready:
        hook = ("hooks", "edit", ready["hook_id"])
        added = run(tmp_path, *hook, "--add-event", "user.session.start,user.session.end")
        again = run(tmp_path, *hook, "--add-event", "user.session.start")
        other = run(tmp_path, *hook, "--remove-event", "user.session.end", "--description", "new")
        wrong = run(tmp_path, *hook, "--add-event", "no.such.type")
        shown = run(tmp_path, "hooks", "show", ready["hook_id"], "--output", "json")
        created = run(tmp_path, "trigger", "user.lifecycle.create", "--cleanup")
    assert added.returncode == 0, added.stderr
    assert added.stdout.startswith("updated (events)")
    assert again.stdout.startswith("unchanged")
    assert other.returncode == 0, other.stderr
    assert wrong.returncode == 5, wrong.stderr
    after = json.loads(shown.stdout)
    assert "user.session.start" in after["events"]["items"]
    assert "user.session.end" not in after["events"]["items"]
    assert after["description"] == "new"
    assert after["verificationStatus"] == "VERIFIED"
    assert created.returncode == 0, created.stdout + created.stderr  # the secret is still right


def test_a_hook_that_was_active_before_the_up_is_the_ups_too(tmp_path: Path) -> None:
    """Though the up will not deactivate it at its end."""
    with sandbox_org(home=tmp_path):
        first = run(tmp_path, "register", "--url", "http://127.0.0.1:9/", "--no-verify")
        assert first.returncode == 0, first.stderr
        port = free_port()
        url = f"http://127.0.0.1:{port}/okta-webhooks-endpoint"
        with running_okhook(
            *("up", "--org", "sandbox", "--port", str(port), "--public-url", url),
            *("--output", "json"),
            home=tmp_path,
        ) as process:
            process.wait_for_json("ready")
            done = run(tmp_path, "register", OKHOOK_AUTH_SECRET="of-mine")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "a running okhook up uses this hook of" in done.stderr


def test_what_an_up_does_not_rely_on_can_be_edited(tmp_path: Path) -> None:
    """With the secret that both were given: its events, and a registration that changes nothing."""
    secret = {"OKHOOK_AUTH_SECRET": "of-both"}
    with up(tmp_path, **secret) as ready:
        hook_id = ready["hook_id"]
        same = run(tmp_path, "register", **secret)
        edit = ("hooks", "edit", hook_id)
        events = run(tmp_path, *edit, "--add-event", "user.session.start", **secret)
        url = run(tmp_path, *edit, "--url", "http://127.0.0.1:9/", **secret)
        name = run(tmp_path, *edit, "--name", "another", **secret)
    assert same.returncode == 0, same.stderr
    assert same.stdout.startswith("unchanged ")
    assert events.returncode == 0, events.stderr
    assert (url.returncode, name.returncode) == (3, 3)

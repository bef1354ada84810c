"""What the inspector's page can do."""

from pathlib import Path

import pytest

from okhook.config.paths import run_directory, store_file
from okhook.inspector.actions import Actions
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory, UpRun
from okhook.secret import HookAuth, Secret
from tests.support.okhook_process import environment
from tests.support.receiver import receiver
from tests.support.sandbox_org import sandbox_org

pytestmark = pytest.mark.anyio


async def test_a_sample_needs_no_secret_of_a_running_receiver_field_21(tmp_path: Path) -> None:
    """An `okhook inspect` that was started alone sends samples, too; a secret is tested."""
    state = tmp_path / "state"
    parts = store_file(state), RunDirectory(run_directory(state)), utc_now
    wrong = HookAuth("Authorization", Secret("wrong"))
    with receiver(home=tmp_path, secret="made-by-up") as running:
        sent = await Actions(*parts).send_sample({"event": "user.lifecycle.create"})
        refused = await Actions(*parts, wrong).send_sample({"event": "user.lifecycle.create"})
        records = running.wait_for(2)
    assert (sent["status"], refused["status"]) == (204, 401)
    assert [record.status for record in records] == [204, 401]
    assert all(record.is_sample for record in records)


async def test_an_org_is_asked_how_a_running_hook_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have changed since okhook up verified it; the command that mends it is given."""
    state = tmp_path / "state"
    runs = RunDirectory(run_directory(state))
    actions = Actions(store_file(state), runs, utc_now)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    with sandbox_org(home=tmp_path) as org, runs.own("up-1") as file:
        hook_id = org.create_hook("https://hooks.example/okta")["id"]
        file.write(UpRun(org.url, registered=hook_id))
        now = await actions.look_at_hook({"org": org.url, "hook_id": hook_id})
    assert (now["status"], now["verification"]) == ("ACTIVE", "UNVERIFIED")
    assert now["next_step"] == f"okhook hooks verify {hook_id} --org {org.url}"

"""What the inspector's page can do."""

from pathlib import Path

import pytest

from okhook.config.paths import run_directory, store_file
from okhook.inspector.actions import Actions
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory
from okhook.secret import HookAuth, Secret
from tests.support.receiver import receiver

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

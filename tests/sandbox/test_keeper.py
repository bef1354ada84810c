"""The org's file while the org runs, without the org around it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from okhook.errors import ConfigurationError
from okhook.sandbox.keeper import Keeper
from okhook.sandbox.state import OrgState
from okhook.sandbox.system_log import SystemLog
from okhook.sandbox.users import User, UserDraft, UserStatus

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def org() -> tuple[OrgState, SystemLog]:
    draft = UserDraft({"login": "admin"}, True, None)
    admin = User("00u0", draft, UserStatus.ACTIVE, NOW, NOW, NOW, NOW)
    return OrgState(admin, "oty1"), SystemLog(first_seq=1)


async def test_what_changed_last_is_written_at_the_end(tmp_path: Path) -> None:
    """A change just before the end does not have to wait for its turn."""
    path = tmp_path / "org.json"
    state, log = org()
    keeper = Keeper(path, state, log)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keeper.run)
        await anyio.wait_all_tasks_blocked()
        log.append(NOW, {"n": 1})
        keeper.changed()
        tasks.cancel_scope.cancel()
    assert [logged["entry"] for logged in json.loads(path.read_text())["log"]] == [{"n": 1}]


async def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    """An org that only answers questions leaves its file alone."""
    path = tmp_path / "org.json"
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Keeper(path, *org()).run)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert not path.exists()


async def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """Told with its name, instead of an org that looks kept and is not."""
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "org.json"
    with pytest.raises(ConfigurationError, match="cannot be written") as error:
        await Keeper(path, *org()).write()
    assert str(path) in error.value.what
    assert error.value.why

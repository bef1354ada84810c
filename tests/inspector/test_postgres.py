"""The inspector shows a PostgreSQL store as it shows the SQLite store that it was copied from."""

from pathlib import Path

import pytest

from okhook.config.paths import store_file
from okhook.config.store_location import DatabaseUrl
from okhook.secret import Secret
from tests.cli.history import CREATED, FAILED
from tests.inspector.conftest import page_over
from tests.support.answering import answer, answering_server
from tests.support.copied import copy_of_store

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]

PATHS = (
    *("api/records", "api/records?text=jane", "api/records?status=failed", "api/choices"),
    *(f"api/records/{seq}" for seq in (CREATED, FAILED)),
    *(f"api/records/{CREATED}/body", f"api/records/{CREATED}/code", "api/arrivals", "api/apps"),
)


async def test_the_page_has_the_same_data(history: Path, postgres_url: str) -> None:
    """Lists, filters, one delivery with its attempts, counters; and a replay is noted."""
    state, database = history / "state", DatabaseUrl(Secret(postgres_url))
    copy_of_store(store_file(state), database)
    async with page_over(store_file(state), state) as one, page_over(database, state) as other:
        for path in PATHS:
            expected = await one.get(path)
            assert expected.status_code == 200, path
            found = await other.get(path)
            assert found.content == expected.content, path
        with answering_server(lambda _: answer(204)) as app:
            replayed = await other.post(f"api/records/{CREATED}/replay", json={"to": app.url})
        assert replayed.json()["status"] == 204
        record = (await other.get(f"api/records/{CREATED}")).json()
        assert record["attempts"][-1]["target"] == app.url

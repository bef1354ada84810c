"""``okhook up`` is stopped with SIGTERM, as by ``docker stop``, while deliveries come in."""

import signal
from pathlib import Path

import pytest

from tests.load.deliveries import fresh_deliveries
from tests.load.kept import event_id_of, kept_deliveries
from tests.load.polite import polite_load
from tests.support.okhook_process import running_okhook
from tests.support.sandbox_org import sandbox_org

pytestmark = pytest.mark.service


def test_sigterm_under_load_cuts_nothing_off_and_deactivates_the_hook(tmp_path: Path) -> None:
    """Every request that a client could send is answered and kept, and Okta is told to stop."""
    secret = {"OKHOOK_AUTH_SECRET": "s3cret"}
    with sandbox_org(home=tmp_path) as org:
        command = ("up", "--org", "sandbox", "--port", "0", "--output", "json")
        with running_okhook(*command, home=tmp_path, env=secret) as run:
            url = run.wait_for_json("ready")["receiver_url"]
            headers = {"Authorization": "s3cret"}
            with polite_load(url, fresh_deliveries(), clients=8, headers=headers) as load:
                load.wait_for(200)
                run.send(signal.SIGTERM)
                assert run.wait() == 0, run.transcript()[-3000:]
        assert org.hooks()[0]["status"] == "INACTIVE"
    # The system resets what reaches the closing port after its last connection was accepted.
    assert load.faults.keys() <= {"ConnectionRefusedError", "ConnectionResetError"}
    assert load.outcomes.refused == {}
    records = kept_deliveries(tmp_path / "state" / "store.db")
    kept = {event_id_of(record.request.body) for record in records}
    assert load.outcomes.acknowledged.keys() <= kept
    assert not load.outcomes.unknown & kept, "it was read, and not answered"

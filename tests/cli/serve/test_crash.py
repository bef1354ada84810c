"""``okhook serve`` is killed over and over while deliveries come in: what it answered is there."""

import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import final

import pytest

from tests.load.deliveries import fresh_deliveries, randomness
from tests.load.kept import assert_kept, event_id_of, kept_deliveries
from tests.load.outcomes import Outcomes, digest_of
from tests.load.running import running_load
from tests.store.sqlite.torn_wal import tear
from tests.support.answering import Asked, answer, answering_server
from tests.support.okhook_process import PATIENCE_S, running_okhook

CRASHES = 20
CONNECTIONS = 16
EARLY_DEATHS = 0.25
"""The share of crashes that are followed by one while the next process starts and recovers."""

SERVE = ("serve", "--port", "0", "--output", "json")


@final
class CrashingReceiver:
    """One store, and the receivers that are killed on it. ``outcomes`` is of all their loads."""

    def __init__(self, home: Path, flags: tuple[str, ...], source: random.Random) -> None:
        self.outcomes = Outcomes()
        self.torn: list[str] = []
        self._home = home
        self._command = (*SERVE, *flags)
        self._source = source
        self._start_up_s = 1.0

    @property
    def store_file(self) -> Path:
        return self._home / "state" / "store.db"

    def crash_under_load(self, acknowledged: int) -> None:
        """Serve, and die at some moment after that many deliveries were answered."""
        began = time.monotonic()
        with running_okhook(*self._command, home=self._home) as serve:
            url = serve.wait_for_json("ready")["url"]
            self._start_up_s = time.monotonic() - began
            with running_load(url, fresh_deliveries(self._source), connections=CONNECTIONS) as load:
                load.wait_until(lambda so_far: len(so_far.acknowledged) >= acknowledged)
                serve.send(signal.SIGKILL)
            serve.wait()
        self.outcomes.add(load.outcomes)
        self._after_the_crash(f"after {acknowledged}")

    def maybe_crash_while_starting(self) -> None:
        """Die, now and then, before a start is through: in the middle of recovering the store."""
        if self._source.random() > EARLY_DEATHS:
            return
        moment_s = self._source.uniform(0.3, 1.0) * self._start_up_s
        with running_okhook(*self._command, home=self._home) as serve:
            with suppress(subprocess.TimeoutExpired):
                serve.popen.wait(moment_s)
            serve.send(signal.SIGKILL)
            serve.wait()
        self._after_the_crash(f"{moment_s:.3f} s into the start")

    def serve_until(self, reached: Callable[[], bool]) -> None:
        """Serve without a load until ``reached``, and end in order."""
        with running_okhook(*self._command, home=self._home) as serve:
            serve.wait_for_json("ready")
            give_up_at = time.monotonic() + PATIENCE_S
            while not reached():
                assert time.monotonic() < give_up_at, serve.transcript()[-5000:]
                with suppress(subprocess.TimeoutExpired):
                    serve.popen.wait(0.01)
            serve.send(signal.SIGINT)
            assert serve.wait() == 0

    def _after_the_crash(self, when: str) -> None:
        torn = tear(self.store_file, self._source) if self.store_file.exists() else None
        print(f"killed {when}; {torn or 'no WAL to tear'}")  # noqa: T201
        if torn is not None:
            self.torn.append(torn)


@pytest.fixture
def source() -> random.Random:
    """Return the crashes' randomness, from a seed that is printed where a test fails."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201
    return randomness(seed)


def test_what_was_answered_204_survives_twenty_crashes(
    tmp_path: Path, source: random.Random
) -> None:
    """Killed at random points, with torn writes: each acknowledged delivery is kept, once."""
    receiver = CrashingReceiver(tmp_path, (), source)
    for _ in range(CRASHES):
        receiver.crash_under_load(acknowledged=source.randint(1, 300))
        receiver.maybe_crash_while_starting()
    receiver.serve_until(lambda: True)
    assert len(receiver.torn) >= CRASHES
    assert receiver.outcomes.refused == {}
    assert receiver.outcomes.unknown, "no crash came while a delivery was in flight"
    assert_kept(receiver.store_file, receiver.outcomes)


@final
class FlakyApp:
    """An app that counts what reaches it, and fails now and then at a delivery's first attempt."""

    def __init__(self) -> None:
        self.accepted: dict[str, bytes] = {}
        self.first_seen: list[str] = []
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> bytes:
        if str(len(asked.body)) != asked.header("Content-Length"):
            return b""  # whoever sent it was killed in the middle of it
        event_id = event_id_of(asked.body)
        with self._lock:
            if event_id not in self._seen:
                self._seen.add(event_id)
                self.first_seen.append(event_id)
                if len(self.first_seen) % 50 == 0:
                    return answer(503)
            self.accepted[event_id] = digest_of(asked.body)
        return answer(204)


def test_what_was_answered_204_reaches_the_app_across_crashes(
    tmp_path: Path, source: random.Random
) -> None:
    """Forwarding goes on where it stopped: the app gets each one, first attempts in order."""
    app = FlakyApp()
    with answering_server(app) as target:
        receiver = CrashingReceiver(tmp_path, ("--forward-to", target.url), source)
        for _ in range(CRASHES // 2):
            receiver.crash_under_load(acknowledged=source.randint(1, 100))
            receiver.maybe_crash_while_starting()
        owed = {event_id_of(kept.request.body) for kept in kept_deliveries(receiver.store_file)}
        assert receiver.outcomes.acknowledged.keys() <= owed
        receiver.serve_until(lambda: app.accepted.keys() >= owed)
    in_order = [event_id_of(kept.request.body) for kept in kept_deliveries(receiver.store_file)]
    assert app.first_seen == in_order
    assert receiver.outcomes.acknowledged.items() <= app.accepted.items()
    assert_kept(receiver.store_file, receiver.outcomes)

"""Deriving between commits: while deliveries wait, it takes little of their time on any disk."""

from dataclasses import dataclass, field

import pytest

from okhook.errors import StoreFailed
from okhook.store.deriver import Deriver
from okhook.store.pace import LONGEST_REST_S, REST_PER_WORK
from okhook.store.progress import Progress
from okhook.store.trouble import Trouble


@dataclass
class Disk:
    """A store on a disk where each commit, of records or of a step, takes ``commit_s``."""

    commit_s: float
    now: float = 100.0
    records: int = 0
    recognised: int = 0
    indexed: int = 0
    derived_s: float = 0.0
    told: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    fault: Exception | None = None

    def deriver(self) -> Deriver:
        """Return a deriver for it, with its clock."""
        return Deriver(
            recognise=self._recognise,
            index=self._index,
            grown=self.told.append,
            trouble=Trouble(
                went=lambda error: self.lines.append(error.what),
                came_back=lambda: self.lines.append("back"),
            ),
            fault=lambda error: StoreFailed(str(error)),
            clock=lambda: self.now,
        )

    def commit(self) -> None:
        """Write ten records."""
        self.now += self.commit_s
        self.records += 10

    def progress(self) -> Progress:
        """Return how far deriving is."""
        return Progress(self.recognised, self.indexed, self.records)

    def _recognise(self) -> Progress:
        self._step()
        self.recognised = self.records
        return self.progress()

    def _index(self) -> Progress:
        self._step()
        self.indexed = self.recognised
        return self.progress()

    def _step(self) -> None:
        self.now += self.commit_s
        self.derived_s += self.commit_s
        if self.fault is not None:
            raise self.fault


@pytest.mark.parametrize("commit_s", [0.001, 0.03, 0.06, 0.5])
def test_deriving_does_not_make_a_slow_disk_slower(commit_s: float) -> None:
    """While deliveries wait for each commit, they do not wait for as many steps, too.

    By the time between commits alone, a slow disk looks idle: a step would follow each commit, and
    halve what the store takes.
    """
    disk = Disk(commit_s)
    deriver, began = disk.deriver(), disk.now
    for _ in range(2_000):
        disk.commit()
        deriver.wrote(idle_s=0.0)
        deriver.derive()
    assert disk.derived_s / (disk.now - began) < 2.5 * max(
        1 / REST_PER_WORK, commit_s / LONGEST_REST_S
    )
    assert disk.told, "screens still learn of deliveries"


def test_a_stall_of_the_disk_does_not_last() -> None:
    """After a minute of slow commits, deriving takes no more than before."""
    disk = Disk(0.03)
    deriver = disk.deriver()
    for commit_s in (0.03, 2.0, 0.03):
        disk.commit_s, disk.derived_s, began = commit_s, 0.0, disk.now
        while disk.now < began + 60:
            disk.commit()
            deriver.wrote(idle_s=0.0)
            deriver.derive()
    assert disk.derived_s < 60 * 2.5 / REST_PER_WORK + LONGEST_REST_S


def test_few_deliveries_on_a_slow_disk_are_shown_at_once() -> None:
    """Okta sends at most five a second: with time between them, none waits for a pause."""
    disk = Disk(0.06)
    deriver = disk.deriver()
    for _ in range(20):
        disk.commit()
        deriver.wrote(idle_s=0.04)
        while deriver.patience_s() == 0:
            deriver.derive()
        assert disk.told[-1] == disk.records
        assert disk.indexed == disk.records


def test_a_step_that_fails_is_told_once_and_repeated() -> None:
    """A full disk is one line, and another one when it is over."""
    disk = Disk(0.001, records=1, fault=ValueError("it is full"))
    deriver = disk.deriver()
    for _ in range(4):
        deriver.derive()
    assert deriver.patience_s() > 0
    disk.now += 1.0
    disk.fault = None
    deriver.derive()
    deriver.derive()
    assert disk.lines == ["it is full", "back"]
    assert disk.told == [1]


def test_what_another_process_did_is_noticed() -> None:
    """Its records are derived, and those that it derived are told."""
    disk = Disk(0.001)
    deriver = disk.deriver()
    while deriver.patience_s() == 0:
        deriver.derive()
    disk.records = disk.recognised = 7
    deriver.saw(disk.progress())
    assert disk.told == [7]
    deriver.derive()
    assert disk.indexed == 7

"""The log of a command in the background."""

import stat
from pathlib import Path

from okhook.runtime.detaching import BoundedLog


def test_a_log_is_bounded_and_private_field_26(tmp_path: Path) -> None:
    """It keeps the newest lines, in two files that only their owner may read."""
    path = tmp_path / "logs" / "up-1.log"
    log = BoundedLog(path, limit_bytes=100)
    for number in range(200):
        log.write(f"line {number} é\n")
    files = sorted(path.parent.iterdir())
    assert [each.name for each in files] == ["up-1.log", "up-1.log.1"]
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in files)
    assert all(each.stat().st_size <= 100 for each in files)
    kept = "".join(each.read_text() for each in reversed(files)).splitlines()
    assert kept == [f"line {number} é" for number in range(200 - len(kept), 200)]
    assert len(kept) > 7


def test_a_new_log_keeps_the_one_before_field_26(tmp_path: Path) -> None:
    """Whoever looks for the reason of a crash still finds it after the next start."""
    path = tmp_path / "up-1.log"
    BoundedLog(path, limit_bytes=100).write("crashed\n")
    BoundedLog(path, limit_bytes=100).write("ready\n")
    assert path.read_text() == "ready\n"
    assert path.with_name("up-1.log.1").read_text() == "crashed\n"


def test_a_log_that_cannot_be_written_stops_nothing_field_26(tmp_path: Path) -> None:
    """The command is worth more than its log."""
    (tmp_path / "logs").write_text("a file")
    BoundedLog(tmp_path / "logs" / "up-1.log", limit_bytes=100).write("lost\n")

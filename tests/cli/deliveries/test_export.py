"""``okhook deliveries export`` as a process: lines that are whole, or files that are not there."""

import io
import json
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from okhook.export.format import read_export
from tests.cli.history import (
    CREATED,
    FAILED,
    MALFORMED,
    PENDING,
    REFUSED,
    REPEATED,
    fill_store,
)
from tests.cli.keeping import keep
from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.okhook_process import environment


def exported(home: Path, *flags: str) -> list[dict[str, Any]]:
    done = run_okhook("deliveries", "export", *flags, home=home)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_export_has_every_record(looked_back_at: Path) -> None:
    """The lines can be read back as the same records, in order of arrival."""
    done = run_okhook("deliveries", "export", "--all", home=looked_back_at)
    assert done.stdout.isascii()
    assert done.stderr == "exported 8 records\n"
    records = list(read_export(io.BytesIO(done.stdout.encode()), "export.jsonl"))
    assert records == kept_in(looked_back_at)


def test_filters_select_records(looked_back_at: Path) -> None:
    """Without --all, canaries and verifications are not exported."""
    seqs = [line["seq"] for line in exported(looked_back_at)]
    assert seqs == [CREATED, REPEATED, FAILED, MALFORMED, REFUSED, PENDING]
    (line,) = exported(looked_back_at, "--status", "failed", "--output", "json")
    assert [each["answer"] for each in line["attempts"]] == ["", "KeyError: 'x'"]


def test_a_redacted_export_has_no_names(looked_back_at: Path) -> None:
    """Names, logins, ids, secrets and answers are gone; placeholders are stable."""
    lines = exported(looked_back_at, "--redact")
    text = json.dumps(lines) + "".join(str(json.loads(json.dumps(line["body"]))) for line in lines)
    for original in (
        "jane",
        "Jane",
        "Admin\\",
        "admin@",
        "Eve",
        "00u",
        "event-1",
        "uuid-",
        "dev-1",
        "k3y",
        "evt_7",
        "KeyError",
        "127.0.0.1",
    ):
        assert original not in text
    first, repeated = (json.loads(line["body"]) for line in lines[:2])
    assert first == repeated
    assert {line["seq"]: line["body_withheld"] for line in lines}[MALFORMED]
    assert len(list(read_export(io.BytesIO("\n".join(map(json.dumps, lines)).encode()), "x"))) == 6


def test_a_file_is_readable_only_by_its_owner(looked_back_at: Path, tmp_path: Path) -> None:
    """It replaces an older file in one step, and leaves no temporary file."""
    file = tmp_path / "export.jsonl"
    file.write_text("old")
    file.chmod(0o644)
    done = run_okhook(
        "deliveries", "export", "--to-file", str(file), "--output", "json", home=looked_back_at
    )
    assert json.loads(done.stdout) == {"type": "export", "file": str(file), "records": 6}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text().splitlines()) == 6
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("file", "said"),
    [(".", "--to-file does not name a file"), ("no/such/directory/file", "could not write")],
)
def test_a_file_that_cannot_be_written_is_an_error(
    looked_back_at: Path, tmp_path: Path, file: str, said: str
) -> None:
    """The error names the file and the reason."""
    done = run_okhook(
        "deliveries", "export", "--to-file", str(tmp_path / file), home=looked_back_at
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_export_goes_into_a_pipe_and_through_a_link_field_05(
    looked_back_at: Path, tmp_path: Path
) -> None:
    """Both stay what they are."""
    pipe, link, real = tmp_path / "pipe", tmp_path / "link.jsonl", tmp_path / "real.jsonl"
    os.mkfifo(pipe)
    link.symlink_to(real.name)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    for file in (pipe, link):
        done = run_okhook("deliveries", "export", "--to-file", str(file), home=looked_back_at)
        assert (done.returncode, done.stdout) == (0, "")
    exported = real.read_bytes()
    assert len(exported.splitlines()) == 6
    assert os.read(reader, len(exported) + 1) == exported
    os.close(reader)
    assert pipe.is_fifo()
    assert link.is_symlink()


def test_the_store_is_not_written_over_field_05(looked_back_at: Path) -> None:
    """It is where the deliveries are, under whatever name."""
    link = looked_back_at / "link.jsonl"
    store = next(looked_back_at.rglob("store.db"))
    link.symlink_to(store)
    for named in (store, link):
        done = run_okhook("deliveries", "export", "--to-file", str(named), home=looked_back_at)
        assert done.returncode == 2
        assert "it is the store that the records are read from" in done.stderr
    assert len(run_okhook("deliveries", "export", home=looked_back_at).stdout.splitlines()) == 6


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """An incomplete export is deleted."""
    home, exports = tmp_path / "home", tmp_path / "exports"
    fill_store(home)
    keep(home, b"x" * 400_000)
    run_okhook("deliveries", "list", home=home)
    exports.mkdir()
    file = exports / "export.jsonl"
    file.write_text("old")

    def limit_file_size() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = subprocess.run(
        [sys.executable, "-m", "okhook", "deliveries", "export", "--to-file", str(file)],
        env=environment(home),
        preexec_fn=limit_file_size,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert f"could not write {file}" in done.stderr
    assert file.read_text() == "old"
    assert list(exports.iterdir()) == [file]


def test_a_closed_pipe_ends_an_export_quietly(looked_back_at: Path) -> None:
    """`export | head -1` ends quietly."""
    command = f"{sys.executable} -m okhook deliveries export --quiet | head -c 10"
    done = subprocess.run(
        ["sh", "-c", command], env=environment(looked_back_at), capture_output=True, check=True
    )
    assert done.stdout == b'{"type":"e'
    assert done.stderr == b""

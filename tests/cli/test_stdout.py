"""A stdout that cannot be written is an error in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.history import fill_store
from tests.support.okhook_process import PATIENCE_S, environment

FULL = Path("/dev/full")


def run(arguments: str, home: Path, redirected: str, **env: str) -> tuple[int, str]:
    """Return the exit code and stderr of a command whose stdout a shell redirects."""
    done = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m okhook {arguments} {redirected}"],
        env={**environment(home), **env},
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE_S,
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "arguments",
    ["--version", "types --help", "deliveries show 1 --curl", "deliveries export", "types -q"],
)
def test_a_full_disk_behind_stdout_is_an_error_field_05(tmp_path: Path, arguments: str) -> None:
    """Whatever writes, and whether Python buffers it or not."""
    fill_store(tmp_path)
    expected = (1, "error: stdout cannot be written: No space left on device\n")
    assert run(arguments, tmp_path, f"> {FULL}") == expected
    assert run(arguments, tmp_path, f"> {FULL}", PYTHONUNBUFFERED="1") == expected


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("output", ["--output json", "--log-format json"])
def test_a_receiver_ends_in_words_on_a_full_disk_field_05(tmp_path: Path, output: str) -> None:
    """Its screen is a thread of its own, and its log has no other place than stdout."""
    code, said = run(f"serve --port 0 --quiet {output}", tmp_path, f"> {FULL}")
    assert (code, said) == (1, "error: stdout cannot be written: No space left on device\n")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_stderr_changes_nothing_field_05(tmp_path: Path) -> None:
    """Nobody can be told; the command goes on, and its exit code is its own."""
    assert run("whoami", tmp_path, f"2> {FULL}")[0] == 3
    assert run("whoami", tmp_path, f"> {FULL} 2>&1")[0] == 3
    fill_store(tmp_path)
    assert run(f"deliveries export --to-file {tmp_path}/out.jsonl", tmp_path, f"2> {FULL}")[0] == 0


def test_a_closed_stdout_is_an_error_field_05(tmp_path: Path) -> None:
    """Python has no stdout then."""
    expected = (1, "error: stdout cannot be written: Bad file descriptor\n")
    assert run("--version", tmp_path, ">&-") == expected

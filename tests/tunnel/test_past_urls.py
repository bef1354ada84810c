"""The webhook URLs of past tunnels."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from okhook.runtime.run_files import RunDirectory, TunnelRun
from okhook.tunnel import past_tunnels as past
from okhook.tunnel.past_tunnels import PastUrl, note_url, past_urls
from tests.support.records import NOON


def test_each_url_is_kept_once_with_its_last_time(tmp_path: Path) -> None:
    """A URL that a tunnel gets again moves to the end."""
    run_directory = RunDirectory(tmp_path / "run")
    note_url(run_directory, "https://a", NOON)
    note_url(run_directory, "https://b", NOON)
    note_url(run_directory, "https://a", NOON + timedelta(hours=1))
    assert past_urls(run_directory) == [
        PastUrl("https://b", "2026-11-24T12:00:00.123Z"),
        PastUrl("https://a", "2026-11-24T13:00:00.123Z"),
    ]


def test_only_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new guest account has a new URL: without a limit the file would grow forever."""
    monkeypatch.setattr(past, "MOST", 3)
    run_directory = RunDirectory(tmp_path / "run")
    for number in range(5):
        note_url(run_directory, f"https://{number}", NOON)
    assert [each.url for each in past_urls(run_directory)] == [
        "https://2",
        "https://3",
        "https://4",
    ]


@pytest.mark.parametrize("content", ["", "{", "{}", "[1, {}, []]", '[{"url": 1}]', "[" * 100_000])
def test_a_damaged_file_is_an_empty_history(tmp_path: Path, content: str) -> None:
    """The next URL is still stored."""
    run_directory = RunDirectory(tmp_path / "run")
    (tmp_path / "tunnel-urls.json").write_text(content)
    assert past_urls(run_directory) == []
    note_url(run_directory, "https://a", NOON)
    assert [each.url for each in past_urls(run_directory)] == ["https://a"]


def test_the_file_is_private_and_not_a_run_file(tmp_path: Path) -> None:
    """Only the owner can read it, and no command takes it for a running tunnel."""
    run_directory = RunDirectory(tmp_path / "run")
    note_url(run_directory, "https://a", NOON)
    assert stat.S_IMODE((tmp_path / "tunnel-urls.json").stat().st_mode) == 0o600
    assert run_directory.running(TunnelRun) == []
    assert run_directory.left_over(TunnelRun) == {}


def test_a_url_that_cannot_be_stored_raises_nothing(tmp_path: Path) -> None:
    """A tunnel also runs without a history."""
    (tmp_path / "state").write_text("a file where the directory should be")
    run_directory = RunDirectory(tmp_path / "state" / "run")
    note_url(run_directory, "https://a", NOON)
    assert past_urls(run_directory) == []

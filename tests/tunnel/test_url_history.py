"""The webhook URLs that tunnels of this machine had."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from okhook.runtime.run_files import RunDirectory, TunnelRun
from okhook.tunnel import past
from okhook.tunnel.past import PastUrl, note_url, past_urls
from tests.support.records import NOON


def test_urls_are_kept_with_when_they_last_came_up(tmp_path: Path) -> None:
    """A URL that comes up again is kept once, at the end."""
    run_directory = RunDirectory(tmp_path / "run")
    note_url(run_directory, "https://a", NOON)
    note_url(run_directory, "https://b", NOON)
    note_url(run_directory, "https://a", NOON + timedelta(hours=1))
    assert past_urls(run_directory) == [
        PastUrl("https://b", "2026-11-24T12:00:00.123Z"),
        PastUrl("https://a", "2026-11-24T13:00:00.123Z"),
    ]


def test_only_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new guest account has another URL, so that the file would grow without end."""
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
def test_what_cannot_be_read_is_an_empty_history(tmp_path: Path, content: str) -> None:
    """The next URL is kept all the same."""
    run_directory = RunDirectory(tmp_path / "run")
    (tmp_path / "tunnel-urls.json").write_text(content)
    assert past_urls(run_directory) == []
    note_url(run_directory, "https://a", NOON)
    assert [each.url for each in past_urls(run_directory)] == ["https://a"]


def test_the_file_is_its_owners_alone_and_no_tunnels_run_file(tmp_path: Path) -> None:
    """It is not taken for the run file of a tunnel."""
    run_directory = RunDirectory(tmp_path / "run")
    note_url(run_directory, "https://a", NOON)
    assert stat.S_IMODE((tmp_path / "tunnel-urls.json").stat().st_mode) == 0o600
    assert run_directory.running(TunnelRun) == []
    assert run_directory.left_over(TunnelRun) == {}


def test_where_nothing_can_be_written_the_tunnel_goes_on(tmp_path: Path) -> None:
    """A tunnel runs without its history, too."""
    (tmp_path / "state").write_text("a file where the directory should be")
    run_directory = RunDirectory(tmp_path / "state" / "run")
    note_url(run_directory, "https://a", NOON)
    assert past_urls(run_directory) == []

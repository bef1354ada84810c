"""Whether ``up`` catches up: what is asked, of whom, and when nothing needs to be asked."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.up.command import UpFlags
from okhook.cli.up.run import catch_up_since
from okhook.config.layers import load_settings
from okhook.config.names import usual_hook_name
from okhook.config.paths import uptime_directory
from okhook.config.settings import Output
from okhook.errors import ConfigurationError, InvalidInput
from okhook.okta.event_hooks import read_event_hook
from okhook.okta.registered_here import RegisteredHere
from okhook.runtime.ids import utc_now
from okhook.runtime.service_manager import ServiceManager
from okhook.wire.org import Org
from tests.okta.setup import ORG
from tests.reconcile.rig import a_hook
from tests.support.flags import flag_layer
from tests.support.sandbox_org import sandbox_org

FLAGS = {"org": "dev-123.okta.com"}
ENVIRON = {"OKHOOK_TOKEN": "00token-of-the-tests"}


@dataclass
class Desk:
    """Somebody at a terminal, or nobody: what was asked, and what is answered."""

    state: Path
    answer: bool = False
    questions: list[str] = field(default_factory=list)
    flags: dict[str, object] = field(default_factory=lambda: dict(FLAGS))
    environ: dict[str, str] = field(default_factory=lambda: dict(ENVIRON))

    def ran(self, ended_ago: timedelta | None, *, beat_ago: timedelta | None = None) -> datetime:
        """Note a run; return when it ended. One that was killed left its last beat alone."""
        directory = uptime_directory(self.state)
        directory.mkdir(parents=True, exist_ok=True)
        now = utc_now()
        path = directory / f"run-{len(list(directory.iterdir()))}.json"
        ended = None if ended_ago is None else now - ended_ago
        began = (now - timedelta(days=30)).isoformat()
        path.write_text(json.dumps({"began": began, "ended": ended and ended.isoformat()}))
        last = now - (beat_ago or timedelta(0))
        os.utime(path, (last.timestamp(), last.timestamp()))
        return ended or last

    @contextmanager
    def runs(self) -> Iterator[None]:
        """Have a receiver run: it holds its file's lock."""
        self.ran(None)
        newest = max(uptime_directory(self.state).iterdir(), key=lambda path: path.name)
        with newest.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def registered(self, name: str, org: Org = ORG) -> None:
        """Remember that this machine registered a hook of that name."""
        RegisteredHere(self.state).note(org, name, a_hook(), None)

    def since(
        self, *, catch_up: bool | None = None, sandbox: bool = False, hook_id: str | None = None
    ) -> datetime | None:
        """Start ``up``, as far as it is about catching up."""
        ctx = Context(
            load_settings(flag_layer(self.flags), self.environ, self.state),
            Console(output=Output.TEXT, quiet=False),
            {**self.environ, "OKHOOK_HOME": str(self.state)},
            ServiceManager(),
        )
        return catch_up_since(ctx, UpFlags(catch_up=catch_up, sandbox=sandbox, hook_id=hook_id))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk with a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Desk(tmp_path)

    def confirm(console: Console, question: str) -> bool:
        made.questions.append(question)
        return made.answer

    monkeypatch.setattr(Console, "confirm", confirm)
    return made


HOUR = timedelta(hours=1)


def test_yes_is_since_the_last_end(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Of several runs the one that ended last counts, in whatever order they are found."""
    desk.ran(5 * HOUR)
    last = desk.ran(HOUR)
    desk.ran(3 * HOUR)
    desk.answer = True
    assert desk.since(hook_id="who1") == last
    assert len(desk.questions) == 1
    assert capsys.readouterr().err == ""


def test_no_is_no_and_names_the_flag(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """So it is where nobody can be asked; whoever reads it learns how to have it after all."""
    desk.ran(HOUR)
    assert desk.since(hook_id="who1") is None
    assert "--catch-up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (timedelta(minutes=2), "2 min ago"),
        (timedelta(minutes=119), "119 min ago"),
        (timedelta(hours=2), "2 h ago"),
        (timedelta(hours=47, minutes=59), "47 h ago"),
        (timedelta(hours=50), "2 days ago"),
    ],
)
def test_the_question_says_how_long_ago(desk: Desk, age: timedelta, told: str) -> None:
    """In whole minutes, hours or days, rounded down."""
    desk.ran(age + timedelta(seconds=5))
    desk.since(hook_id="who1")
    (question,) = desk.questions
    assert told in question


def test_a_short_break_is_not_worth_a_question(desk: Desk) -> None:
    """Within a minute the hook's own retries and batches are still on their way."""
    ended = desk.ran(timedelta(seconds=50))
    assert desk.since(hook_id="who1") is None
    assert desk.questions == []
    assert desk.since(catch_up=True, hook_id="who1") == ended
    assert desk.questions == []


def test_the_flag_asks_nobody(desk: Desk) -> None:
    """--catch-up does it and --no-catch-up leaves it, hook known or not."""
    ended = desk.ran(HOUR)
    assert desk.since(catch_up=True) == ended
    assert desk.since(catch_up=False) is None
    assert desk.since(catch_up=False, hook_id="who1") is None
    assert desk.questions == []


def test_without_an_earlier_run_there_is_nothing(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asked for it by the flag is told so; else nobody is bothered."""
    assert desk.since(hook_id="who1") is None
    assert capsys.readouterr().err == ""
    assert desk.since(catch_up=True, hook_id="who1") is None
    assert "found no earlier run" in capsys.readouterr().err
    assert desk.questions == []


@pytest.mark.parametrize("catch_up", [None, True])
def test_while_another_receiver_runs_nothing_is_missed(
    desk: Desk, catch_up: bool | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """It takes in what happens, whenever an earlier one ended; whoever wants more is told so."""
    desk.ran(HOUR)
    desk.answer = True
    with desk.runs():
        assert desk.since(catch_up=catch_up, hook_id="who1") is None
    assert desk.questions == []
    said = capsys.readouterr().err
    assert ("while another receiver runs" in said) == (catch_up is True)
    assert "found no earlier run" not in said


def test_a_run_that_was_killed_just_now_is_caught_up_with(desk: Desk) -> None:
    """Its last beat is as young as that of one that runs; it is dead all the same."""
    last = desk.ran(None, beat_ago=timedelta(seconds=1))
    since = desk.since(catch_up=True, hook_id="who1")
    assert since is not None
    assert abs(since - last) < timedelta(milliseconds=1)


def test_a_killed_run_ended_with_its_last_beat(desk: Desk) -> None:
    """It wrote no end, and is known all the same."""
    desk.ran(5 * HOUR)
    last = desk.ran(None, beat_ago=HOUR)
    since = desk.since(catch_up=True)
    assert since is not None
    assert abs(since - last) < timedelta(milliseconds=1)


def test_a_hook_that_was_never_registered_here_missed_nothing(desk: Desk) -> None:
    """Nobody is asked about a hook of another name, or of the same name in another org."""
    desk.ran(HOUR)
    desk.answer = True
    desk.registered("another")
    desk.registered(usual_hook_name(), Org("https://dev-456.okta.com"))
    assert desk.since() is None
    assert desk.questions == []


@pytest.mark.parametrize("name", [None, "CI hook"])
def test_a_hook_that_was_registered_here_is_asked_about(desk: Desk, name: str | None) -> None:
    """Under the name that it has by itself, or the one that the settings give."""
    ended = desk.ran(HOUR)
    desk.answer = True
    desk.registered(name or usual_hook_name())
    desk.flags["name"] = name
    assert desk.since() == ended


def test_a_sandbox_that_begins_now_missed_nothing(desk: Desk) -> None:
    """It is not asked about, and to want it is a mistake that is told."""
    desk.ran(HOUR)
    assert desk.since(sandbox=True, hook_id="who1") is None
    assert desk.since(sandbox=True, catch_up=False) is None
    assert desk.questions == []
    with pytest.raises(InvalidInput, match="--catch-up and --sandbox"):
        desk.since(sandbox=True, catch_up=True)


def test_where_no_org_is_named_it_is_told(desk: Desk) -> None:
    """The question needs to know whose hook is meant."""
    desk.ran(HOUR)
    desk.flags = {}
    with pytest.raises((ConfigurationError, InvalidInput)):
        desk.since()


def test_a_new_sandbox_is_not_caught_up_with_field_28(desk: Desk) -> None:
    """It may have the URL of an earlier one; only one that has the hook has a past."""
    desk.ran(HOUR)
    with sandbox_org() as org:
        desk.flags, desk.environ = {"org": org.url}, {"OKHOOK_TOKEN": org.token}
        desk.registered(usual_hook_name(), Org(org.url))
        assert desk.since() is None
        assert desk.questions == []
        hook = read_event_hook(org.create_hook("https://example.com/okta"))
        RegisteredHere(desk.state).note(Org(org.url), usual_hook_name(), hook, None)
        desk.since()
        assert len(desk.questions) == 1

"""How ``up`` looks: steps, Ready, and what is said to help."""

import dataclasses

import pytest

from okhook.activity import Activity
from okhook.cli.console import Console
from okhook.cli.up.command import UpFlags
from okhook.cli.up.view import UpRenderer
from okhook.config.settings import Output
from okhook.up.activities import EventsAwaited, Ready, StepChanged

READY = Ready(
    org="https://o.okta.com",
    hook_id="who1",
    webhook_url="https://hkdk.events/s",
    receiver_url="http://127.0.0.1:1337/h",
    dashboard_url="https://console.example/",
    guest=True,
)
FACTS = [
    "Ready",
    "  org        https://o.okta.com",
    "  hook       who1",
    "  webhook    https://hkdk.events/s",
    "  receiver   http://127.0.0.1:1337/h",
    "  sign up    https://console.example/",
]


def command(*words: str) -> str:
    org = ("--org", "sandbox") if words[0] == "trigger" else ()
    return " ".join(("okhook", *words, *org))


def lines(activity: Activity, *, quiet: bool = False, keep: bool = False) -> list[str]:
    console = Console(output=Output.TEXT, quiet=quiet)
    render = UpRenderer(console, command, UpFlags(keep=keep))
    return [line.plain for line in render(activity)]


def test_ready_ends_with_what_ctrl_c_does() -> None:
    """With ``--keep`` the hook stays active, and nothing else is said."""
    temporary = "A guest's webhook URL is temporary: sign up, or run hookdeck login"
    left = "Press Ctrl-C to stop; this deactivates the hook if okhook activated it"
    kept = "Press Ctrl-C to stop; this leaves the hook active"
    assert lines(READY)[-2:] == [temporary, left]
    assert lines(READY, keep=True)[-2:] == [temporary, kept]


def test_ready_says_what_to_do_next_field_22() -> None:
    """Cause an event, look at it, send it to the app again: each a line to paste."""
    types = frozenset({"user.session.start", "user.lifecycle.suspend"})
    app = "http://localhost:3000/hook"
    shown = lines(dataclasses.replace(READY, event_types=types, forward_to=(app, "http://b")))
    assert shown.index("  forwards   http://b") == shown.index(f"  forwards   {app}") + 1
    begin = shown.index("Next, in another terminal:")
    assert shown[begin + 1 : begin + 4] == [
        "  okhook trigger user.lifecycle.suspend --org sandbox",
        "  okhook deliveries show latest",
        f"  okhook replay latest --to {app}",
    ]


def test_ready_says_how_a_shell_finds_okhook_field_22() -> None:
    """Before the commands to paste, where the PATH does not lead to it."""
    source = "source /home/jane/okhook/.venv/bin/activate"
    console = Console(output=Output.TEXT, quiet=False)
    render = UpRenderer(console, command, UpFlags(), activation=source)
    shown = [line.plain for line in render(READY)]
    begin = shown.index("Next, in another terminal:")
    assert shown[begin + 1] == f"  {source}"
    assert shown[begin + 2].startswith("  okhook ")


def test_without_an_app_there_is_nothing_to_replay_to_field_22() -> None:
    """Ready says how to name one; of an event type that okhook cannot cause, there are samples."""
    shown = lines(dataclasses.replace(READY, event_types=frozenset({"user.session.start"})))
    begin = shown.index("Next, in another terminal:")
    assert shown[begin + 1] == "  okhook send-sample --event user.session.start"
    assert shown[begin + 2] == "  okhook deliveries show latest"
    assert "--forward-to" in shown[begin + 3]
    assert not any("trigger" in line or "replay" in line for line in shown)


def test_quiet_leaves_out_what_went_well_and_what_helps() -> None:
    """Facts and failures stay."""
    assert lines(READY, quiet=True) == FACTS
    assert lines(StepChanged("store", "done", "store.db", 0.01), quiet=True) == []
    assert lines(EventsAwaited(("user.session.start",)), quiet=True) == []
    assert lines(StepChanged("path", "failed"), quiet=True) == ["✗ path"]


def test_events_that_the_test_user_does_not_make() -> None:
    """Each with a command to paste where there is one; of many the first few; all harmless."""
    types = ("group.user_membership.add", "user.session.start", "a\x1b[2J", "d", "e")
    assert lines(EventsAwaited(types)) == [
        "The test user does not cause group.user_membership.add; for one, run:",
        "  okhook trigger group.user_membership.add --org sandbox",
        "The test user does not cause user.session.start; for one, run:",
        "  okhook send-sample --event user.session.start",
        "The test user does not cause a\\x1b[2J; for one, run:",
        "  okhook send-sample --event 'a\\x1b[2J'",
        "Showing 3 of 5 event types",
    ]


@pytest.mark.parametrize(("detail", "has_time"), [("x" * 59, True), ("x" * 60, False)])
def test_a_steps_time_is_left_out_where_a_terminal_is_too_narrow(
    detail: str, has_time: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eighty columns hold a step of 59 with its time; with 60 it would wrap alone."""
    step = StepChanged("store", "done", detail, 0.01)
    assert lines(step) == [f"✓ store      {detail}  0.01 s"]
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    time = "  0.01 s" if has_time else ""
    assert lines(step) == [f"✓ store      {detail}{time}"]

"""What a shell offers for a hook and for an event type."""

import os
import re
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.cli.command_tree import okhook_command
from okhook.cli.completion import (
    check_cases,
    known_hooks,
    known_receivers,
)
from okhook.okta.event_hooks import body_of, read_event_hook
from okhook.okta.registered_here import RegisteredHere
from tests.cli.every_command import commands_below
from tests.okta.fake_org import FakeOrg
from tests.okta.setup import ORG, WANTED
from tests.support.in_process import run_okhook
from tests.support.receiver import receiver


def remember(state: Path, **names: str) -> None:
    for hook_id, name in names.items():
        hook = read_event_hook(FakeOrg().add(body_of(WANTED, description=None), hook_id))
        RegisteredHere(state).note(ORG, name, hook, None)


def test_ids_and_names_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both, each with the other; a name of several words has its id alone."""
    remember(tmp_path, who1="mine", who2="okhook ann@laptop")
    monkeypatch.setenv("OKHOOK_HOME", str(tmp_path))
    assert known_hooks() == [
        ("who1", "mine"),
        ("who2", "okhook ann@laptop"),
        ("mine", "who1"),
    ]
    monkeypatch.setenv("OKHOOK_HOME", str(tmp_path / "none"))
    assert known_hooks() == []


def test_cases_and_their_groups() -> None:
    """What --only, --skip and --explain take."""
    assert ("challenge-time", "The challenge is answered within 3 s") in check_cases()
    assert ("delivery", "all of this group") in check_cases()


def test_names_of_receivers_field_03(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in the store that a shell reads as one word."""
    monkeypatch.setenv("OKHOOK_HOME", str(tmp_path / "state"))
    assert known_receivers() == []
    for name in ("1337/hook", "staging", "$(reboot)"):
        with receiver(home=tmp_path, name=name) as running:
            run_okhook("send-sample", "--to", running.url, home=tmp_path)
    assert known_receivers() == ["1337/hook", "staging"]


@given(name=st.text(st.sampled_from("a \\$(`'\";\n\x1b:"), min_size=1, max_size=12))
@settings(max_examples=50, deadline=None)
def test_nothing_that_a_shell_evaluates(name: str) -> None:
    """zsh evaluates what it is offered, so a hook's name is letters and a few signs there."""
    with tempfile.TemporaryDirectory() as state, mock.patch.dict(os.environ, OKHOOK_HOME=state):
        remember(Path(state), who1=name)
        offered = known_hooks()
    for text in (each for pair in offered for each in pair):
        assert set(text) <= set("who1a _")
    assert ("who1", re.sub(r"[^a ]", "_", name)) in offered


def test_in_a_shell(tmp_path: Path) -> None:
    """The completion that `--install-completion` sets up finds both kinds."""
    remember(tmp_path / "state", who1="mine")

    def offered(words: str) -> list[str]:
        position = len(words.split(" ")) - 1
        env = {
            "_OKHOOK_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(position),
        }
        return run_okhook(home=tmp_path, env=env).stdout.split()

    assert offered("okhook hooks show wh") == ["who1"]
    assert "user.session.start" in offered("okhook hooks edit x --add-event user.session.s")
    assert offered("okhook types user.session.s") == ["user.session.start"]
    assert offered("okhook types user.session.c") == [
        "user.session.clear",
        "user.session.context.change",
    ]
    assert offered("okhook up --sandbox --event user.session.s") == ["user.session.start"]
    assert offered("okhook trigger --scenario j") == ["joiner-mover-leaver"]
    assert offered("okhook whoami --org s") == ["sandbox"]
    assert offered("okhook reconcile --hook m") == ["mine"]
    assert offered("okhook up --output j") == ["json"]
    assert offered("okhook deliveries list --status fa") == ["failed"]
    assert offered("okhook deliveries ex") == ["export"]
    assert offered("okhook check --only challenge-t") == ["challenge-time"]
    assert offered("okhook help forw") == ["forwarding"]
    assert offered("okhook trigger user.lifecycle.s") == ["user.lifecycle.suspend"]
    assert offered("okhook serve --forward-t") == ["--forward-to", "--forward-timeout"]


def test_every_option_for_an_event_type_is_completed() -> None:
    """Also one of a command that is added later."""
    found = {
        f"{name} {param.opts[0]}": param
        for name, one in commands_below(okhook_command())
        for param in one.built().params
        if param.metavar == "TYPE"
    }
    expected = {f"{name} --event" for name in ("up", "register", "send-sample", "replay")}
    expected |= {f"deliveries {name} --event" for name in ("list", "search", "export")}
    expected |= {f"hooks edit --{each}event" for each in ("", "add-", "remove-")}
    assert set(found) >= {*expected, "trigger event_type"}
    for option, param in found.items():
        offered = param.shell_complete(None, "user.lifecycle.s")
        assert "user.lifecycle.suspend" in [each.value for each in offered], option

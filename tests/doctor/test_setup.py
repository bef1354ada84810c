"""Which hook is meant, and the commands that a remedy shows."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from okhook.doctor.setup import SECRET_FILE, find_hook
from okhook.errors import InvalidInput
from okhook.okta.event_hooks import EventHook
from okhook.okta.refusals import NotFound
from okhook.okta.registered_here import RegisteredHere
from okhook.runtime.run_files import RunDirectory, UpRun
from okhook.runtime.running_here import LocalEndpoint, running_here
from okhook.wire.org import Org
from tests.doctor.hooks import COMMANDS, commands, hook, with_setup

ORG = Org("https://dev-1.okta.com")
A, B, C = hook("whoA", name="a"), hook("whoB", name="b"), hook("whoC", name="c")


def found(state: Path, hooks: Sequence[EventHook], named: str | None = None) -> EventHook:
    run_directory = RunDirectory(state / "run")
    setup = with_setup(
        run_directory=run_directory,
        running=running_here(run_directory),
        hook_named=named,
        usual_hook_name="b",
    )
    return find_hook(setup, hooks, ORG, str)


def test_what_is_named_goes_first_then_a_run_then_the_usual_name(tmp_path: Path) -> None:
    """A run's hook counts for its own org alone."""
    assert found(tmp_path, [A, B, C], "a") is A
    assert found(tmp_path, [A, B, C], "whoC") is C
    assert found(tmp_path, [A, B, C]) is B
    with RunDirectory(tmp_path / "run").own("up-1") as run:
        run.write(UpRun("https://dev-2.okta.com", "whoC"))
        assert found(tmp_path, [A, B, C]) is B
        run.write(UpRun(ORG.url, "whoC"))
        assert found(tmp_path, [A, B, C]) is C


def test_else_it_is_the_only_one_that_was_registered_from_here(tmp_path: Path) -> None:
    """An inactive one does not compete with an active one; two active ones do."""
    registered_here = RegisteredHere(tmp_path)
    with pytest.raises(NotFound) as raised:
        found(tmp_path, [A, C])
    assert raised.value.next_step == "okhook up\nor choose another with --hook ID"
    with pytest.raises(NotFound) as raised:
        found(tmp_path, [])
    assert raised.value.next_step == "okhook up"
    registered_here.note(ORG, "a", A, None)
    assert found(tmp_path, [A, C]) is A
    registered_here.note(ORG, "c", C, None)
    with pytest.raises(InvalidInput, match="registered 2"):
        found(tmp_path, [A, C])
    resting = hook("whoC", name="c", status="INACTIVE")
    assert found(tmp_path, [A, resting]) is A


def test_a_remembered_id_is_worth_more_than_a_name(tmp_path: Path) -> None:
    """Okta does not say that names are unique."""
    twin = hook("whoD", name="b")
    RegisteredHere(tmp_path).note(ORG, "b", twin, None)
    assert found(tmp_path, [A, B, twin]) is twin


FROM_A_FILE = commands("--auth-secret-file", "/a b/secret")


def test_a_command_has_the_secret_where_it_would_not_find_it_by_itself() -> None:
    """And can be pasted whatever the name of the file."""
    line = FROM_A_FILE.with_secret("hooks", "edit", "who1")
    assert shlex.split(line)[4:] == ["--auth-secret-file", "/a b/secret"]
    assert COMMANDS.with_secret("hooks", "edit", "who1") == "okhook hooks edit who1"


def test_a_secret_that_is_not_known_is_a_file_to_be_written() -> None:
    """The command stands alone on its line; the next one says what must be in the file.

    Nobody can write down what a running ``okhook up`` made for itself.
    """
    line, words = FROM_A_FILE.with_secret_in_file("hooks", "edit", "who1").splitlines()
    assert line == f"okhook hooks edit who1 --auth-secret-file {SECRET_FILE}"
    assert SECRET_FILE in words
    assert "unless you start it with OKHOOK_AUTH_SECRET" in words


def test_the_header_is_named_once() -> None:
    """Where the header stands in the flags already, it is not repeated."""
    assert COMMANDS.with_header("X-Key", "x") == "okhook x --auth-field X-Key"
    named = commands("--auth-field", "X-Key")
    assert named.with_header("X-Key", "x") == "okhook x --auth-field X-Key"


def test_a_receiver_is_started_where_it_is_missed() -> None:
    """Its path is told where it would take another one, or nobody knows which."""
    endpoint = LocalEndpoint(4000, "/okta-webhooks-endpoint")
    assert COMMANDS.serve(endpoint) == "okhook serve --port 4000"
    assert COMMANDS.serve(LocalEndpoint(4000, "/x")) == "okhook serve --port 4000 --path /x"
    unknown = commands(own_path=None)
    assert unknown.serve(endpoint) == "okhook serve --port 4000 --path /okta-webhooks-endpoint"

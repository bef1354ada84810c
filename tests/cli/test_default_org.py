"""The org of a command where no setting names one: the sandbox that runs on this machine."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from okhook.runtime.run_files import RunDirectory, UpRun
from tests.cli.history import fill_store
from tests.support.in_process import run_okhook
from tests.support.sandbox_org import sandbox_org


@pytest.mark.parametrize(
    "arguments",
    [
        ("trigger", "user.lifecycle.create", "--no-wait", "--cleanup"),
        ("hooks", "list"),
        ("reconcile", "--hook", "tests"),
        ("whoami",),
        ("doctor",),
        ("register", "--url", "https://example.com/okta", "--no-verify"),
    ],
    ids=" ".join,
)
def test_the_only_sandbox_is_the_org_field_24(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The command uses it, and says so once."""
    fill_store(tmp_path)
    with sandbox_org(home=tmp_path) as org:
        org.create_hook("https://example.com/tests", name="tests")
        done = run_okhook(*arguments, home=tmp_path)
        assert done.returncode in (0, 1), done.stderr
        assert done.stderr.count(f"no org is set: using the running sandbox, {org.url}") == 1
        silent = run_okhook(*arguments, "--org", "sandbox", home=tmp_path)
        assert "no org is set" not in silent.stderr


def test_of_several_sandboxes_none_is_chosen_field_24(tmp_path: Path) -> None:
    """The error lists them, and its remedy works."""
    with sandbox_org(home=tmp_path) as one, sandbox_org(home=tmp_path) as two:
        done = run_okhook("hooks", "list", home=tmp_path)
        assert done.returncode == 3
        assert one.url in done.stderr
        assert two.url in done.stderr
        [remedy] = [line for line in done.stderr.splitlines() if line.startswith("→")]
        again = run_okhook("hooks", "list", *remedy.rpartition("as ")[2].split(), home=tmp_path)
        assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("sandboxes", [0, 1])
def test_a_running_up_of_a_real_org_is_no_default_field_24(tmp_path: Path, sandboxes: int) -> None:
    """No command writes to an org that nobody named."""
    run_directory = RunDirectory(tmp_path / "state" / "run")
    with ExitStack() as stack:
        up = stack.enter_context(run_directory.own("up-1"))
        up.write(UpRun("https://dev-123.okta.com", "who1"))
        for _ in range(sandboxes):
            stack.enter_context(sandbox_org(home=tmp_path))
        done = run_okhook("trigger", "user.lifecycle.create", "--no-wait", home=tmp_path)
    assert done.returncode == (0 if sandboxes else 3)
    assert "dev-123" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["up", "login", "logout"])
def test_what_needs_a_name_gets_no_default_field_24(tmp_path: Path, command: str) -> None:
    """A token is stored, and a receiver started, only for an org that somebody named."""
    with sandbox_org(home=tmp_path):
        done = run_okhook(command, home=tmp_path)
    assert done.returncode == 3
    assert "no org is set" in done.stderr

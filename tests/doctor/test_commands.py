"""The commands that a remedy shows."""

import shlex

from okhook.doctor.setup import SECRET_FILE
from okhook.runtime.running_here import LocalEndpoint
from tests.doctor.hooks import COMMANDS, commands

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
    assert "start it with OKHOOK_AUTH_SECRET set" in words


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

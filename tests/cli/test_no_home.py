"""okhook without a home directory, as in a container whose user has no name."""

import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

import tests.support.in_process
from okhook.config.names import usual_hook_name
from okhook.config.paths import expanded, home_directory, state_directory, user_file
from okhook.errors import ConfigurationError
from okhook.okta.auth.okta_tools import okta_tools
from tests.support.in_process import run_okhook
from tests.support.okhook_process import environment
from tests.support.sandbox_org import sandbox_org

FROM_HOME = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "LOGNAME", "USER", "LNAME", "USERNAME")


@pytest.fixture
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give the user no entry in the system's list, and commands no HOME; return their variables."""

    def nobody(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    for name in FROM_HOME:
        monkeypatch.delenv(name, raising=False)
    found = environment(tmp_path)
    del found["HOME"], found["OKHOOK_CONFIG"], found["PYTHON_KEYRING_BACKEND"]
    monkeypatch.setattr(tests.support.in_process, "environment", lambda *_: found)
    return found


@pytest.mark.usefixtures("variables")
def test_what_is_in_the_home_directory_is_missing_or_named_field_14() -> None:
    """No file of the user is read; a path that needs the home directory is an error in words."""
    assert home_directory() is None
    assert user_file({}) is None
    assert user_file({"OKHOOK_CONFIG": "/own.toml"}) == Path("/own.toml")
    assert len(okta_tools({}, None)) == 2
    assert usual_hook_name().startswith("okhook ")
    wants: list[Callable[[], object]] = [
        lambda: state_directory({}),
        lambda: expanded("~/x", "--data"),
    ]
    for fails in wants:
        with pytest.raises(ConfigurationError) as caught:
            fails()
        assert "HOME is not set" in str(caught.value.why)
        assert "HOME" in str(caught.value.next_step)


def test_commands_run_with_a_state_directory_of_their_own_field_14(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    """With OKHOOK_HOME they work, the keyring included; without it they say what is missing."""
    with sandbox_org(home=tmp_path):
        for arguments in (("hooks", "list", "--org", "sandbox"), ("whoami", "--org", "sandbox")):
            assert run_okhook(*arguments, home=tmp_path).returncode == 0
    done = run_okhook("whoami", "--org", "one.okta.invalid", home=tmp_path)
    assert (done.returncode, "found no API token" in done.stderr) == (4, True)
    doctor = ("doctor", "--port", "0", "--check-timeout", "60")
    assert run_okhook(*doctor, home=tmp_path).returncode == 0
    del variables["OKHOOK_HOME"]
    assert run_okhook("help", "tunnel", home=tmp_path).returncode == 0  # it needs no file
    done = run_okhook("serve", "--port", "0", home=tmp_path)
    assert done.returncode == 3
    assert "HOME is not set" in done.stderr
    assert "set OKHOOK_HOME" in done.stderr

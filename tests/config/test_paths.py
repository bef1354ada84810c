"""Where okhook keeps things, and where it looks."""

import os
import pwd
from pathlib import Path

import pytest

from okhook.config.paths import expanded, state_directory, working_directory
from okhook.errors import ConfigurationError, InvalidInput


def test_a_deleted_working_directory_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another terminal removed it: this is not a bug, and okhook does not guess one."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    assert working_directory() == gone
    gone.rmdir()
    with pytest.raises(ConfigurationError, match="does not exist") as caught:
        working_directory()
    assert caught.value.next_step


def test_another_users_home_is_not_blamed_on_home_field_14() -> None:
    """HOME has nothing to do with it: there is no such user."""
    with pytest.raises(
        ConfigurationError, match="OKHOOK_HOME: could not resolve ~nobody-here"
    ) as e:
        expanded("~nobody-here/okhook", "OKHOOK_HOME")
    assert e.value.why == "this machine has no user nobody-here"
    assert "./~nobody-here/okhook" in str(e.value.next_step)


@pytest.mark.parametrize("home", ["relative", "~"])
def test_a_home_that_is_no_whole_path_is_named_field_14(
    home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is set, so the error does not say that it is not. The system has no other one."""

    def nobody(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setenv("HOME", home)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    with pytest.raises(ConfigurationError, match="found no directory for okhook's files") as caught:
        state_directory({})
    assert caught.value.why == f"HOME is not an absolute path: {home}"


def test_a_path_that_no_file_can_have_is_an_error_in_words_field_14(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system refuses to look at one; each look would be an error that nobody expects."""
    too_long = str(tmp_path / ("x" * 300))
    with pytest.raises(ConfigurationError, match="OKHOOK_HOME: File name too long"):
        state_directory({"OKHOOK_HOME": too_long})
    with pytest.raises(InvalidInput, match="--store: File name too long"):
        expanded(too_long, "--store")
    with pytest.raises(ConfigurationError, match="NUL"):
        expanded("a\0b", "privateKey in okta.yaml")
    if os.name == "posix":
        monkeypatch.setenv("XDG_STATE_HOME", too_long)
        with pytest.raises(ConfigurationError, match="File name too long"):
            state_directory({})

"""Files that may come from a stranger: plain ones, of a bounded size."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from okhook.config.hook_auth import hook_auth
from okhook.config.layers import load_settings
from okhook.config.plain_file import LIMIT_BYTES, piped_text, plain_text
from okhook.errors import ConfigurationError, InvalidInput
from tests.support.flags import flag_layer
from tests.support.in_process import run_okhook


def pipe(path: Path) -> None:
    os.mkfifo(path)


def large(path: Path) -> None:
    path.write_bytes(b"#" * (LIMIT_BYTES + 1))


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.mkdir()


HOSTILE = [
    (pipe, "it is not a regular file"),
    (large, "it is larger than 1 MiB"),
    (huge, "it is larger than 1 MiB"),
    (endless, "it is not a regular file"),
    (folder, "Is a directory"),
]


@pytest.mark.parametrize(("make", "why"), HOSTILE)
def test_settings_are_read_from_plain_files_field_10(
    tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    """Anything else is an error in words: no wait for a pipe, no endless reading."""
    project = tmp_path / "project"
    project.mkdir()
    make(project / "okhook.toml")
    make(tmp_path / "user.toml")
    with pytest.raises(ConfigurationError, match=r"could not read \./okhook\.toml") as refused:
        load_settings(flag_layer({}), {"OKHOOK_CONFIG": str(tmp_path / "no.toml")}, project)
    assert refused.value.why == why
    with pytest.raises(ConfigurationError, match=r"could not read .*user\.toml"):
        load_settings(flag_layer({}), {"OKHOOK_CONFIG": str(tmp_path / "user.toml")}, tmp_path)


@pytest.mark.parametrize(("make", "why"), HOSTILE)
def test_a_scenario_is_a_plain_file_field_10(
    tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    """The same holds for what a scenario, a sandbox's file and Okta's own file are read from."""
    make(tmp_path / "mine.toml")
    done = run_okhook("trigger", "--scenario", "./mine.toml", home=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "cannot read the scenario ./mine.toml" in done.stderr
    assert why in done.stderr
    (tmp_path / ".okta").mkdir()
    make(tmp_path / ".okta" / "okta.yaml")
    done = run_okhook("hooks", "list", home=tmp_path)
    assert done.returncode == 3, done.stderr
    assert why in done.stderr


def test_dev_null_is_an_empty_file_field_10() -> None:
    """``OKHOOK_CONFIG=/dev/null`` means no settings."""
    assert plain_text(Path(os.devnull)) == ""


def test_a_file_at_the_limit_is_read_field_10(tmp_path: Path) -> None:
    """Also through a link, and with a byte order mark."""
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbf" + b"x" * (LIMIT_BYTES - 3))
    (tmp_path / "link").symlink_to("file")
    assert plain_text(tmp_path / "link") == piped_text(tmp_path / "link") == "x" * (LIMIT_BYTES - 3)


def test_a_secret_can_come_through_a_pipe_field_10(tmp_path: Path) -> None:
    """As in ``--auth-secret-file <(pass show hook)``; but an endless one is refused."""
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("secret\n",))
    writer.start()
    user = {"OKHOOK_CONFIG": str(tmp_path / "none.toml")}
    flags = flag_layer({"auth_secret_file": str(tmp_path / "pipe")})
    found = hook_auth(load_settings(flags, user, tmp_path))
    writer.join()
    assert found is not None
    assert found.value.header() == ("Authorization", "secret")
    flags = flag_layer({"auth_secret_file": "/dev/zero"})
    with pytest.raises(InvalidInput, match="could not read /dev/zero") as refused:
        hook_auth(load_settings(flags, user, tmp_path))
    assert refused.value.why == "it is larger than 1 MiB"

"""Where okhook keeps things, and where it looks."""

from pathlib import Path

import pytest

from okhook.config.paths import working_directory
from okhook.errors import ConfigurationError


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

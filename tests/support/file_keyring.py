"""A keyring in a file, for tests alone: commands find it by ``PYTHON_KEYRING_BACKEND``."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

FILE = "OKHOOK_TESTS_KEYRING"
LOCKED = "locked"
ROOT = Path(__file__).parents[2]


class FileKeyring(KeyringBackend):
    """Keeps passwords in the file that the environment names; one that says "locked" is so."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._read(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("there is none")
        self._write(kept)

    def _read(self) -> dict[str, str]:
        path = Path(os.environ[FILE])
        text = path.read_text() if path.exists() else "{}"
        if text == LOCKED:
            raise KeyringLocked("the keyring is locked")
        kept: dict[str, str] = json.loads(text)
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        Path(os.environ[FILE]).write_text(json.dumps(kept))


def with_keyring(home: Path) -> dict[str, str]:
    """Return what lets a command find a keyring of its own in ``home``."""
    return {
        "PYTHON_KEYRING_BACKEND": "tests.support.file_keyring.FileKeyring",
        "PYTHONPATH": str(ROOT),
        FILE: str(home / "keyring.json"),
    }


def kept_in(home: Path) -> dict[str, str]:
    """Return what the keyring in ``home`` holds."""
    path = home / "keyring.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return kept


def without_keyring(home: Path) -> dict[str, str]:
    """Return what makes a command find the package ``keyring`` not installed."""
    hidden = home / "hidden"
    hidden.mkdir(parents=True, exist_ok=True)
    missing = "raise ModuleNotFoundError(\"No module named 'keyring'\", name='keyring')\n"
    (hidden / "keyring.py").write_text(missing)
    return {"PYTHONPATH": str(hidden)}

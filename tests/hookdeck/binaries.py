"""The real ``hookdeck`` binaries, fetched once from the npm registry and kept beside no checkout.

Without npm the tests that need them are skipped, and say so; with ``CI=true`` they fail.
"""

import functools
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NoReturn

import platformdirs
import pytest

VERSIONS = ("2.6.0", "1.7.1")
"""The newest, and one of the dialect with hyperlinks and without ``--hookdeck-config``."""

_FETCH_TIMEOUT_S = 300
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def hookdeck_binary(version: str) -> Path:
    """Return the binary of that version, or skip the test where it cannot be had."""
    result = _binary(version)
    if isinstance(result, str):
        _do_without(f"the real hookdeck {version} cannot be had: {result}")
    return result


@functools.cache
def _binary(version: str) -> Path | str:
    """Return the binary, or why there is none. Asked once a session."""
    member = f"package/binaries/{_platform()}/hookdeck"
    kept = Path(platformdirs.user_cache_dir("okhook-tests")) / f"hookdeck-{version}-{_platform()}"
    if kept.exists():
        return kept
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        packed = _pack(npm, version, Path(folder))
        if isinstance(packed, str):
            return packed
        with tarfile.open(packed) as archive:
            content = archive.extractfile(member)
            if content is None:
                return f"the package holds no {member}"
            fresh = Path(folder) / "hookdeck"
            fresh.write_bytes(content.read())
        fresh.chmod(0o755)
        fresh.replace(kept)
    return kept


def _pack(npm: str, version: str, folder: Path) -> Path | str:
    try:
        done = subprocess.run(
            [npm, "pack", f"hookdeck-cli@{version}", "--silent"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FETCH_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm pack took longer than {_FETCH_TIMEOUT_S} s"
    if done.returncode != 0:
        return f"npm pack failed: {done.stderr.strip()[-500:]}"
    return folder / done.stdout.split()[-1]


def _platform() -> str:
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{_ARCHITECTURES.get(machine, machine)}"


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)

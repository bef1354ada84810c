"""The examples of the manual's page on receivers, as files that pytest can run.

``python -m tests.testing.examples DIRECTORY`` writes them, a directory for each framework, and
the suite of a user who needs none.
"""

import re
import shutil
import sys
from pathlib import Path

import okhook

FRAMEWORKS = ("django", "fastapi", "flask")
PAGE = Path(okhook.__file__).parent / "manual" / "test-your-receiver.md"

_SECTION = re.compile(r"^### (?P<name>.+)$", re.MULTILINE)
_FILE = re.compile(r"```\w+\n(?://|#) (?P<name>[\w.]+)\n(?P<code>.*?)```", re.DOTALL)


def examples() -> dict[str, dict[str, str]]:
    """Return the files of each section, by the name in their first line."""
    _, *parts = _SECTION.split(PAGE.read_text(encoding="utf-8"))
    named = zip(parts[::2], parts[1::2], strict=True)
    found = {
        name.lower(): {each["name"]: each["code"] for each in _FILE.finditer(text)}
        for name, text in named
    }
    return {name: files for name, files in found.items() if files}


def recipes() -> dict[str, str]:
    """Return the files of the other sections."""
    return {
        file: code
        for section, files in examples().items()
        if section not in {*FRAMEWORKS, "express"}
        for file, code in files.items()
    }


def write(name: str, directory: Path) -> None:
    """Write the Python files of an example."""
    directory.mkdir(parents=True)
    for file, code in examples()[name].items():
        if file.endswith(".py"):
            (directory / file).write_text(code, encoding="utf-8")


if __name__ == "__main__":
    root = Path(sys.argv[1])
    for each in FRAMEWORKS:
        write(each, root / each)
    (root / "own").mkdir()
    shutil.copy(Path(__file__).with_name("user_suite.py"), root / "own" / "test_own.py")

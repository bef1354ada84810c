"""The README and the code say the same."""

import importlib
import pkgutil
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import okhook
from okhook.activity import schema
from okhook.cli.app import report
from okhook.cli.command_tree import command_line
from okhook.config.settings import declared_settings
from okhook.errors import ExitCode

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCE = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "okhook").rglob("*.py"))
)
COMMANDS: dict[str, Any] = dict(command_line(report).commands)


EXPORTED = (
    *("seq", "kind", "received_at", "method", "path", "headers"),
    *("status", "reason", "auth", "duplicate_of"),
)


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that a line names, also one below another, and what follows it."""
    command: Any = COMMANDS[words[0]]
    rest = words[1:]
    while below := getattr(command, "commands", None):
        command = below[rest[0]]
        rest = rest[1:]
    return command.built(), rest


def section(title: str) -> str:
    """Return the text under a heading, up to the next of its level."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {title}"
    return found[1]


def rows(title: str) -> list[list[str]]:
    """Return the cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_two_lines_stand_at_the_top() -> None:
    """What a newcomer pastes comes before everything else."""
    run = "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/okhook up --sandbox"
    test = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest"
    assert 0 < README.index(run) < README.index(test) < README.index("\n## ")


def test_every_command_has_its_example() -> None:
    """No command without a place in the README, and none there that does not exist."""
    shown = re.findall(r"^### `okhook ([a-z-]+)`", section("Commands"), re.MULTILINE)
    assert sorted(shown) == sorted(COMMANDS)


def command_lines() -> list[str]:
    blocks = re.findall(r"^ *```sh\n(.*?)```", README, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if re.match(r"\s*([A-Z_]+=\S+ )*okhook [a-z]", line)]


@pytest.mark.parametrize("line", command_lines())
def test_the_examples_use_flags_that_exist(line: str) -> None:
    """What is shown can be typed."""
    words = shlex.split(line.partition(" | ")[0], comments=True)
    words = words[words.index("okhook") + 1 :]
    command, rest = command_of(words)
    known = {option for parameter in command.params for option in parameter.opts}
    ours = rest[: rest.index("--") if "--" in rest else None]
    used = {word.partition("=")[0] for word in ours if word.startswith("-")}
    assert used <= known


def test_the_settings_are_all_there() -> None:
    """Key by key, with the meaning that the code gives it."""
    assert rows("Settings") == [
        [f"`{name}`", declared.meaning] for name, declared in declared_settings().items()
    ]


def test_the_exit_codes_are_all_there() -> None:
    """Code by code, in order."""
    assert [int(row[0]) for row in rows("Exit codes")] == sorted(int(code) for code in ExitCode)


def test_the_json_lines_are_all_there() -> None:
    """Type by type, with the fields that the code writes."""
    shown = {
        (row[0].strip("`"), tuple(re.findall(r"`(\w+)`", row[2] if len(row) > 2 else "")))
        for row in rows("JSON lines")
    }
    for module in pkgutil.walk_packages(okhook.__path__, "okhook."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    written = set(schema())
    exported = ("exported", ("format", *EXPORTED, "attempts", "body"))
    assert shown == written | {exported}


def messages() -> list[str]:
    return [cell for row in rows("Troubleshooting") for cell in re.findall(r"^`(.*)`$", row[0])]


@pytest.mark.parametrize("message", messages())
def test_troubleshooting_quotes_what_the_code_says(message: str) -> None:
    """Someone who searches for what is on their screen finds it."""
    code = re.sub(r'"\s*\n?\s*f?"', "", SOURCE)
    code = re.sub(r"\{[^{}\n]*\}", "…", code)
    parts = [re.escape(part.strip()) for part in re.sub(r"\b\d[\d.]*", "…", message).split("…")]
    pattern = r".{0,80}".join(part for part in parts if part)
    assert re.search(pattern, code), message

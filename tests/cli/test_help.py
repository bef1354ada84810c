"""What ``--help`` shows: this holds for every command, also for one that is added later."""

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from okhook.cli.command_tree import okhook_command
from okhook.wire.event_types import eligible
from tests.cli.every_command import commands_below
from tests.support.in_process import run_okhook

PANELS = ["Start here", "Send events", "Look back", "Manage hooks", "Diagnose"]
ROOT: Any = okhook_command()
GLOBAL_OPTIONS = ["--output", "-q, --quiet", "-h, --help"]


COMMANDS = dict(commands_below(ROOT))
every_command = pytest.mark.parametrize("name", COMMANDS)


def help_of(name: str, home: Path, columns: int = 80) -> list[str]:
    done = run_okhook(*name.split(), "--help", home=home, env={"COLUMNS": str(columns)})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def panel(lines: list[str], title: str) -> list[str]:
    """Return the lines of a panel."""
    start = lines.index(f"{title}:") + 1
    return lines[start : lines.index("", start) if "" in lines[start:] else None]


def test_the_commands_stand_in_panels_on_one_screen(tmp_path: Path) -> None:
    """Each has one line and a panel, and the first line of advice is how to start."""
    lines = help_of("", tmp_path)
    assert len(lines) <= 41
    assert any("okhook up --sandbox" in line for line in lines[:6])
    assert [line[:-1] for line in lines if line.endswith(":")] == [*PANELS, "Options"]
    shown = [line.split()[0] for title in PANELS for line in panel(lines, title)]
    assert sorted(shown) == sorted(ROOT.commands)
    assert not any("completion" in line for line in lines)


@pytest.mark.parametrize("columns", [40, 60])
def test_a_narrow_terminal_breaks_no_line(tmp_path: Path, columns: int) -> None:
    """Only what is to be pasted, a default or one long word may be longer than a row."""
    assert max(map(len, help_of("", tmp_path, columns))) <= columns
    long = [line for line in help_of("serve", tmp_path, columns) if len(line) > columns]
    assert all(re.search(r"^  okhook |\[default: |\S{20}", line) for line in long)


def test_no_command_shows_the_help(tmp_path: Path) -> None:
    """Of okhook and of a group."""
    for words in ((), ("hooks",)):
        done = run_okhook(*words, home=tmp_path)
        assert (done.returncode, done.stderr) == (2, "")
        assert done.stdout.splitlines() == help_of(" ".join(words), tmp_path)


def test_the_version_has_a_short_option(tmp_path: Path) -> None:
    """As in other tools."""
    short, long = (run_okhook(name, home=tmp_path).stdout for name in ("-V", "--version"))
    assert short == long
    assert short.startswith("okhook ")


@pytest.mark.parametrize("group", ["deliveries", "hooks"])
def test_a_group_has_a_line_for_each_command(tmp_path: Path, group: str) -> None:
    """None of them is wrapped."""
    lines = help_of(group, tmp_path)
    assert [line.split()[0] for line in panel(lines, "Commands")] == [
        *ROOT.commands[group].commands
    ]


@every_command
def test_a_command_is_described_in_one_sentence(name: str) -> None:
    """It fits on the command's line in the list of commands."""
    sentence = COMMANDS[name].help.partition("\n\n")[0]
    assert re.fullmatch(r"[A-Z][^.\n]{1,62}(\.[^.\s][^.\n]*)*\.", sentence)
    assert len(sentence) <= 64


@every_command
def test_a_command_has_two_or_three_examples_that_exist(name: str, tmp_path: Path) -> None:
    """Each can be pasted: its command, its options, its event types; none is wrapped."""
    built = COMMANDS[name].built()
    options = {each for param in built.params for each in (*param.opts, *param.secondary_opts)}
    assert panel(help_of(name, tmp_path), "Examples") == [
        *(line for line in help_of(name, tmp_path) if line.startswith(("  okhook ", "  pass "))),
    ]
    assert 2 <= len(built.examples) <= 3
    for line in built.examples:
        words = shlex.split(line.rpartition(" | ")[2].partition(" > ")[0], comments=True)
        assert words[: 1 + len(name.split())] == ["okhook", *name.split()]
        ours = words[: words.index("--") if "--" in words else None]
        assert {word for word in ours if word.startswith("-")} <= options
        types = {after for word, after in pairwise(words) if word == "--event"}
        assert {each for each in types if "*" not in each} <= eligible()


@every_command
def test_the_help_is_easy_to_read(name: str, tmp_path: Path) -> None:
    """No types in place of words, nothing cut or too wide, the same order everywhere."""
    for columns in (80, 120):
        lines = help_of(name, tmp_path, columns)
        text = "\n".join(lines)
        assert max(map(len, lines)) <= columns
        assert not re.search(r"<\w+>|\[\[|\]\]|[{}]|…|\(default|\x1b|default: \(", text)
        assert re.findall(r"\[default: [^\]]*$", text) == []
        assert [line.strip() for line in lines[:4]][1::2] == ["", ""]
        titles = [line[:-1] for line in lines if re.fullmatch(r"[A-Z][\w ()]+:", line)]
        assert titles[0] == "Examples"
        assert titles[-1] == "Global options"
        assert "Options" in titles[1:3] or set(titles[1:-1]) <= {"Arguments"}
        shown = [line.strip() for line in panel(lines, "Global options")]
        assert [one for one in GLOBAL_OPTIONS if any(line.startswith(one) for line in shown)] == [
            *GLOBAL_OPTIONS
        ]


@every_command
def test_the_everyday_options_are_a_handful(name: str, tmp_path: Path) -> None:
    """What is rarely needed stands in a panel with a name."""
    lines = help_of(name, tmp_path)
    everyday = panel(lines, "Options") if "Options:" in lines else []
    assert sum(bool(re.match(r"  (    |-\w, )--", line)) for line in everyday) <= 8


@every_command
def test_each_option_has_a_plain_text(name: str) -> None:
    """It starts with a capital letter, has no full stop, and a value has a name."""
    for param in COMMANDS[name].built().params:
        text = param.help.partition(" [default: ")[0]
        assert text
        assert not text.endswith(".")
        assert text[0].isupper()
        if param.param_type_name == "option" and not param.is_flag:
            assert re.fullmatch(r"[A-Z_]+([|:=][A-Z_]+)*|'[A-Z:= ]+'|[a-z|]+", param.metavar)


def test_what_newcomers_need_of_up_comes_first(tmp_path: Path) -> None:
    """In the first 25 lines."""
    first = "\n".join(help_of("up", tmp_path)[:25])
    for option in ("--sandbox", "--org", "--forward-to", "--event", "--port", "--once", "-v"):
        assert option in first

"""The README and the code say the same."""

import re
from pathlib import Path

from tests.support.each import check_each
from tests.support.examples import COMMANDS, check_example, command_lines
from tests.support.markdown import check_link, links, rows

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_two_lines_stand_at_the_top() -> None:
    """What a newcomer pastes comes before everything else."""
    run = "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/okhook up --sandbox"
    test = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest"
    assert 0 < README.index(run) < README.index(test) < README.index("\n## ")


def test_it_is_short() -> None:
    """Whoever reads it for the first time reads it to its end."""
    assert len(README.split()) <= 1200


def test_every_command_is_in_the_table() -> None:
    """No command is missing, and none is there that does not exist."""
    named = re.findall(r"`okhook ([a-z-]+)`", "\n".join(row[0] for row in rows(README, "Commands")))
    assert sorted(named) == sorted(COMMANDS)


def test_links_lead_to_files_and_headings() -> None:
    """A link's file exists, and so does its heading."""
    check_each(links(README), lambda link: check_link(ROOT / "README.md", link))


def test_the_examples_use_flags_that_exist() -> None:
    """What is shown can be typed."""
    lines = command_lines(README)
    assert lines
    check_each(lines, check_example)

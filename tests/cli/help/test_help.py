"""``okhook help``: the manual in the terminal."""

import json
from pathlib import Path

from tests.support.in_process import run_okhook


def test_the_list_of_pages(tmp_path: Path) -> None:
    """Each page has a line with its name and what it is about."""
    shown = run_okhook("help", home=tmp_path)
    assert shown.returncode == 0
    assert "tutorial             from a sandbox org to your own app" in shown.stdout
    assert "okhook help TOPIC" in shown.stderr


def test_a_page_names_the_commands_that_show_other_pages(tmp_path: Path) -> None:
    """A terminal has no links to files: the page names a command that can be typed instead."""
    shown = run_okhook("help", "tutorial", home=tmp_path)
    assert shown.returncode == 0
    words = " ".join(shown.stdout.split())
    assert "See forwarding (okhook help forwarding)" in words
    assert ".md" not in shown.stdout
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())


def test_words_name_a_page_like_its_name(tmp_path: Path) -> None:
    """`okhook help Real Org` is what somebody types who read the title."""
    assert "Admin Console" in run_okhook("help", "Real", "Org", home=tmp_path).stdout


def test_a_command_without_a_page_shows_its_help(tmp_path: Path) -> None:
    """`okhook help COMMAND` works as in git and gh, also below a group."""
    assert "Usage: okhook up" in run_okhook("help", "up", home=tmp_path).stdout
    assert "Usage: okhook hooks edit" in run_okhook("help", "hooks", "edit", home=tmp_path).stdout


def test_a_page_of_a_command_points_to_its_help(tmp_path: Path) -> None:
    """A page that has a command's name says where the command's options are."""
    assert "okhook doctor --help" in run_okhook("help", "doctor", home=tmp_path).stderr


def test_a_misspelt_topic(tmp_path: Path) -> None:
    """The nearest page or command is named; what is near to nothing leads to the list."""
    near = run_okhook("help", "forwardng", home=tmp_path)
    assert near.returncode == 2
    assert "error: the manual has no page 'forwardng'\n→ run okhook help forwarding" in near.stderr
    assert "→ to list the pages, run okhook help" in run_okhook("help", "%", home=tmp_path).stderr


def test_searching(tmp_path: Path) -> None:
    """Each line that has all the words is shown with its page; no such line is exit 1."""
    found = run_okhook("help", "--search", "keyring TOKEN", home=tmp_path)
    assert found.returncode == 0
    assert "credentials  Keyring" in found.stdout
    none = run_okhook("help", "--search", "xyzzy\x1b[31m", home=tmp_path)
    assert none.returncode == 1
    assert "no page of the manual contains 'xyzzy\\x1b[31m'" in none.stderr


def test_a_found_line_reads_as_text(tmp_path: Path) -> None:
    """Rows of tables, links and emphasis lose their Markdown; a comment in code is no heading."""
    row = run_okhook("help", "--search", "refuses connection down", home=tmp_path).stdout
    assert "(10 s)  treats the app as down" in row
    found = run_okhook("help", "--search", "okhook", home=tmp_path).stdout
    assert "**" not in found
    assert "](" not in found
    assert not [line for line in found.splitlines() if line.startswith("  |")]
    comment = "deliveries of one of several receivers: its name, or its port"
    in_code = run_okhook("help", "--search", comment, home=tmp_path).stdout
    assert in_code == f"deliveries  Find and show deliveries\n  # the {comment}\n"


def test_a_section_is_named_once_above_its_lines(tmp_path: Path) -> None:
    """Also if its heading is found, too."""
    found = run_okhook("help", "--search", "export", home=tmp_path).stdout
    heads = [line for line in found.splitlines() if not line.startswith(" ")]
    assert "deliveries  Export" in heads
    assert len(heads) == len(set(heads))


def test_as_json(tmp_path: Path) -> None:
    """Topics, a page and matches are JSON lines, too."""
    listed = run_okhook("help", "--output", "json", home=tmp_path).stdout.splitlines()
    assert json.loads(listed[0])["topic"] == "tutorial"
    page = json.loads(run_okhook("help", "ci", "--output", "json", home=tmp_path).stdout)
    assert page["type"] == "manual_page"
    assert page["text"].startswith("# Test a receiver in CI\n")
    found = run_okhook("help", "--search", "keyring", "--output", "json", home=tmp_path).stdout
    assert {json.loads(line)["type"] for line in found.splitlines()} == {"manual_match"}
    row = run_okhook("help", "--search", "key_id", "--output", "json", home=tmp_path).stdout
    assert "| `key_id` | " in row  # Markdown, as the page
    refused = run_okhook("help", "up", "--output", "json", home=tmp_path)
    assert (refused.returncode, json.loads(refused.stdout)["type"]) == (2, "error")

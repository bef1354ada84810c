"""The manual is complete, it says what the code says, and its examples can be typed."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import okhook
from okhook.activity import schema
from okhook.cli.help.pages import topics
from okhook.config.in_project import InProject
from okhook.config.settings import declared_settings
from okhook.errors import ExitCode
from tests.support.each import check_each
from tests.support.examples import check_example, command_lines
from tests.support.markdown import check_link, links, rows

PACKAGE = Path(okhook.__file__).parent
MANUAL = PACKAGE / "manual"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(MANUAL.glob("*.md"))}
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
WIDEST_CODE = 76
EXPORTED = (
    *("seq", "kind", "received_at", "method", "path", "headers"),
    *("status", "reason", "auth", "duplicate_of"),
)


def test_the_index_lists_every_page() -> None:
    """A page that the index does not list cannot be found."""
    assert sorted(each.topic for each in topics()) == sorted(PAGES.keys() - {"README"})


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_pages_and_headings(name: str) -> None:
    """A link's page exists, and so does its heading."""
    check_each(links(PAGES[name]), lambda link: check_link(MANUAL / f"{name}.md", link))


@pytest.mark.parametrize("name", PAGES)
def test_the_examples_use_flags_that_exist(name: str) -> None:
    """What is shown can be typed."""
    check_each(command_lines(PAGES[name]), check_example)


@pytest.mark.parametrize("name", PAGES)
def test_examples_fit_a_terminal_of_80_columns(name: str) -> None:
    """A command that a terminal breaks in the middle is hard to read."""
    blocks = re.findall(r"^ *```sh\n(.*?)```", PAGES[name], re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert not [line for line in lines if len(line) > WIDEST_CODE]


def test_the_settings_are_all_there() -> None:
    """Key by key, with the meaning that the code gives it."""
    assert rows(PAGES["settings"]) == [
        [f"`{name}`", declared.meaning] for name, declared in declared_settings().items()
    ]


def test_the_settings_that_a_project_cannot_set_are_all_there() -> None:
    """The page about security names each that okhook ignores in a project's file."""
    (listed,) = re.findall(r"okhook ignores (.*?) in it", PAGES["security"])
    ignored = {
        name
        for name, declared in declared_settings().items()
        if declared.in_project is InProject.IGNORED
    }
    assert set(re.findall(r"`(\w+)`", listed)) == ignored


def test_the_settings_that_a_person_confirms_are_all_there() -> None:
    """The page about settings names each that okhook asks about in a project's file."""
    (listed,) = re.findall(r"asks before it uses .*?\n\n((?:- .*\n)+)", PAGES["settings"])
    asked = {
        name
        for name, declared in declared_settings().items()
        if declared.in_project not in (InProject.IGNORED, InProject.USED)
    }
    assert set(re.findall(r"`(\w+)`", listed)) == {*asked, "org"}


def test_the_exit_codes_are_all_there() -> None:
    """Code by code, in order."""
    shown = [int(row[0]) for row in rows(PAGES["exit-codes"])]
    assert shown == sorted(int(code) for code in ExitCode)


def test_the_json_lines_are_all_there() -> None:
    """Type by type, with the fields that the code writes."""
    shown = {
        (row[0].strip("`"), tuple(re.findall(r"`(\w+)`", row[2] if len(row) > 2 else "")))
        for row in rows(PAGES["json-lines"])
    }
    for module in pkgutil.walk_packages(okhook.__path__, "okhook."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    written = set(schema())
    exported = ("exported", ("format", *EXPORTED, "attempts", "body"))
    assert shown == written | {exported}


def messages() -> list[str]:
    cells = [row[0] for row in rows(PAGES["troubleshooting"])]
    return [cell for each in cells for cell in re.findall(r"^`(.*)`$", each)]


@pytest.mark.parametrize("message", messages())
def test_troubleshooting_quotes_what_the_code_says(message: str) -> None:
    """Someone who searches for the message on their screen finds it."""
    code = re.sub(r'"\s*\n?\s*f?"', "", SOURCE)
    code = re.sub(r"\{[^{}\n]*\}", "…", code)
    parts = [re.escape(part.strip()) for part in re.sub(r"\b\d[\d.]*", "…", message).split("…")]
    pattern = r".{0,80}".join(part for part in parts if part)
    assert re.search(pattern, code), message

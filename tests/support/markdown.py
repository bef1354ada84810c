"""Read the tables, links and headings of a Markdown page."""

import re
from pathlib import Path


def rows(text: str, heading: str | None = None) -> list[list[str]]:
    """Return the cells of the tables below a heading, or of all tables, without their heads."""
    if heading is not None:
        found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert found, f"there is no section {heading}"
        text = found[1]
    tables = re.findall(r"^\|.*\|\n\| ---.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def links(text: str) -> list[str]:
    """Return the targets of the links and pictures that are files."""
    return re.findall(r"\]\((?!https?:)([^)]+)\)", text)


def check_link(page: Path, link: str) -> None:
    """Check that the file that a page links to exists, and that it has the heading."""
    path, _, fragment = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    assert target.is_file(), target
    assert not fragment or fragment in _anchors(target.read_text(encoding="utf-8")), fragment


def _anchors(text: str) -> list[str]:
    """Return the fragments of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]

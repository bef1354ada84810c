"""The pages of the manual, as the package ships them."""

import re
from collections.abc import Iterator
from importlib.resources import files

from okhook.activity import Activity

_FENCE = re.compile(r"\s*(```|~~~)")
_RULE = re.compile(r"\|[-:| ]+\|")
"""The line between the head of a table and its rows."""

_ENTRY = re.compile(r"^- \[(?P<topic>[\w-]+)\]\((?P=topic)\.md\): (?P<summary>.+)$", re.MULTILINE)


class ManualTopic(Activity):
    """A page that the manual has."""

    type = "manual_topic"
    topic: str
    summary: str


class ManualPage(Activity):
    """A whole page, in Markdown."""

    type = "manual_page"
    topic: str
    text: str


class ManualMatch(Activity):
    """A line of a page that has the words of a search. ``section`` is the heading above it.

    ``line`` is Markdown, unless ``is_code``.
    """

    type = "manual_match"
    json_fields = "topic section line"
    topic: str
    section: str
    line: str
    is_code: bool


def topics() -> list[ManualTopic]:
    """Return the topics in the order of the manual's index."""
    return [
        ManualTopic(each["topic"], each["summary"]) for each in _ENTRY.finditer(_text("README"))
    ]


def page(topic: str) -> ManualPage:
    """Return the page of a topic that :func:`topics` lists."""
    return ManualPage(topic, _text(topic))


def matches(words: str) -> Iterator[ManualMatch]:
    """Yield the lines that contain all ``words``, in any case and order."""
    wanted = words.casefold().split()
    for each in topics():
        section, is_code = "", False
        for line in _text(each.topic).splitlines():
            if _FENCE.match(line):
                is_code = not is_code
                continue
            if line.startswith("#") and not is_code:
                section = line.lstrip("# ")
            is_found = all(word in line.casefold() for word in wanted)
            if is_found and (is_code or not _RULE.fullmatch(line)):
                yield ManualMatch(each.topic, section, line, is_code)


def _text(name: str) -> str:
    return files("okhook").joinpath("manual", f"{name}.md").read_text(encoding="utf-8")

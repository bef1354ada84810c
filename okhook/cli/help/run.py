"""Show the manual's topics, one page, or the lines that a search found."""

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown
from rich.text import Text

from okhook.cli.command_tree import okhook_command
from okhook.cli.context import Context
from okhook.cli.help.pages import ManualMatch, ManualTopic, matches, page, topics
from okhook.cli.views.lines import View
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.text import plain

_LINK_TO_PAGE = re.compile(r"\[([^\]]+)\]\(([\w-]+)\.md(?:#[\w-]+)?\)")
_LINK_ELSEWHERE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]+\)")
_STYLED = re.compile(r"`(?P<code>[^`]+)`|\*(?P<strong>\*?)(?P<words>[^*]+)\*(?P=strong)")
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_WIDEST = 100


def list_topics(ctx: Context) -> None:
    """Show the name and the summary of every page."""
    ctx.console.show_all(topics(), _topic)
    ctx.console.note("okhook help TOPIC shows a page; okhook help --search WORD finds one")


def show_topic(ctx: Context, words: Sequence[str]) -> None:
    """Show a page of the manual; for a command without a page, its ``--help``."""
    topic = "-".join(words).lower()
    known = [each.topic for each in topics()]
    commands = okhook_command()
    if topic in known:
        found = page(topic)
        if ctx.console.is_json:
            ctx.console.write_json(found.to_json())
            return
        width = min(ctx.console.out.width, _WIDEST)
        ctx.console.out.print(_Page(_for_terminal(found.text)), width=width, soft_wrap=False)
        if topic in commands.commands:
            ctx.console.note(f"okhook {topic} --help lists the options of the command")
    elif words[0] in commands.commands and not ctx.console.is_json:
        commands.main([*words, "--help"], prog_name="okhook", standalone_mode=False)
    else:
        near = difflib.get_close_matches(topic, [*known, *commands.commands], n=1)
        raise InvalidInput(
            f"the manual has no page '{plain(topic, limit=80)}'",
            next_step=f"run okhook help {near[0]}"
            if near
            else "to list the pages, run okhook help",
        )


def search_and_show(ctx: Context, words: str) -> None:
    """Show each line of the manual that contains all ``words``."""
    found = list(matches(words))
    if not found:
        raise AnswerIsNo(
            f"no page of the manual contains '{plain(words, limit=80)}'",
            next_step="to list the pages, run okhook help",
        )
    ctx.console.show_all(found, _sections(found))


class _LeftHeading(Heading):
    """A heading at the left margin; Rich would centre it, and frame the first one."""

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        self.text.stylize("bold" if self.tag != "h1" else "bold underline")
        yield self.text


class _Page(Markdown):
    """A page of the manual, drawn for a terminal."""

    elements = {**Markdown.elements, "heading_open": _LeftHeading}  # noqa: RUF012 - Rich's own form


def _for_terminal(text: str) -> str:
    """Name the command that shows a page in the place of a link to it."""
    text = _LINK_TO_PAGE.sub(r"\1 (`okhook help \2`)", text)
    return _LINK_ELSEWHERE.sub(r"\1", text)


def _topic(found: ManualTopic) -> Iterator[Text]:
    yield Text.assemble((f"{found.topic:<21}", "bold"), found.summary)


def _sections(found: Sequence[ManualMatch]) -> View[ManualMatch]:
    """Return a view that names a section once above its lines."""
    sections = groupby(found, lambda each: (each.topic, each.section))
    first_ones = {id(next(lines)) for _, lines in sections}

    def lines(match: ManualMatch) -> Iterator[Text]:
        if id(match) in first_ones:
            yield Text.assemble((match.topic, "bold"), (f"  {match.section}", "dim"))
        if match.is_code:
            yield Text(f"  {match.line}")
        elif not match.line.startswith("#"):  # the section is named
            yield Text("  ").append_text(_read(match.line))

    return lines


def _read(line: str) -> Text:
    """Return a line of Markdown as a person reads it; the cells of a table beside each other."""
    if line.startswith("|"):
        line = "  ".join(filter(None, (cell.strip() for cell in line.split("|"))))
    line = _LINK.sub(r"\1", _for_terminal(_IMAGE.sub(r"\1", line)))
    shown, end = Text(), 0
    for part in _STYLED.finditer(line):
        shown.append(line[end : part.start()])
        shown.append(part["code"] or part["words"], "cyan" if part["code"] else "bold")
        end = part.end()
    return shown.append(line[end:])

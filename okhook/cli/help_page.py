"""How ``--help`` looks: what a command does, examples, and its options in panels.

Typer's own boxes leave half of 80 columns for the text; these are lists, as in gh and uv.
"""

import os
import re
import shutil
import textwrap
from collections.abc import Iterable
from typing import Any

import typer
import typer.core

from okhook.cli.usage_errors import TyperType, unknown_command, usage_error
from okhook.errors import ExitCode

OPTIONS = "Options"
GLOBAL_OPTIONS = "Global options"
"""The panel of the options that every command has."""

_LABEL_MAXIMUM = 30
_DEFAULT_MAXIMUM = 45
_TEXT_MINIMUM = 24
_NARROWEST = 32

Rows = list[tuple[str, str]]


class HelpfulCommand(typer.core.TyperCommand):
    """A command. The paragraph of its docstring that starts with ``okhook`` has examples."""

    @property
    def examples(self) -> list[str]:
        """The lines of the examples."""
        paragraphs = (self.help or "").split("\n\n")
        return next((each.split("\n") for each in paragraphs if each.startswith("okhook ")), [])

    def parse_args(self, ctx: TyperType, args: list[str]) -> list[str]:
        """Read the arguments; an invalid one raises ``InvalidInput``."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise usage_error(error, ctx) from error

    def collect_usage_pieces(self, ctx: TyperType) -> list[str]:
        """Return the words of the usage line."""
        return [re.sub("[{}]", "", each) for each in super().collect_usage_pieces(ctx)]

    def format_help(self, ctx: TyperType, formatter: TyperType) -> None:
        """Write the help page."""
        what, *others = (self.help or "").split("\n\n")
        notes = [each for each in others if not each.startswith("okhook ")]
        _fit_terminal(formatter)
        self.format_usage(ctx, formatter)
        _write_text(formatter, what)
        _write_panel(formatter, "Examples", [(line, "") for line in self.examples])
        for title, rows in _option_panels(self.get_params(ctx)).items():
            _write_panel(formatter, title, rows)
        _write_text(formatter, *notes)


class HelpfulGroup(typer.core.TyperGroup):
    """A group whose ``--help`` lists its commands in panels, before its options."""

    def parse_args(self, ctx: TyperType, args: list[str]) -> list[str]:
        """Read the options, or show the help if there are no arguments."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help())
            raise typer.Exit(ExitCode.USAGE)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise usage_error(error, ctx) from error

    def resolve_command(self, ctx: TyperType, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Find the command that the arguments name; an unknown one raises ``InvalidInput``."""
        if args[0] not in self.commands and not ctx.resilient_parsing:
            raise unknown_command(args[0], ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: TyperType) -> object:
        """Run the command that the arguments name; a missing one raises ``InvalidInput``."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as error:
            raise usage_error(error, ctx) from error

    def format_help(self, ctx: TyperType, formatter: TyperType) -> None:
        """Write the help page."""
        panels: dict[str, Rows] = {}
        for name in self.commands:
            command: Any = self.commands[name]
            summary = (command.help or "").partition("\n\n")[0].rstrip(".")
            panels.setdefault(command.rich_help_panel or "Commands", []).append((name, summary))
        options = [row for rows in _option_panels(self.get_params(ctx)).values() for row in rows]
        _fit_terminal(formatter)
        self.format_usage(ctx, formatter)
        _write_text(formatter, *(self.help or "").split("\n\n"))
        column = max(len(name) for name in self.commands) + 4
        for title, rows in {**panels, OPTIONS: options}.items():
            _write_panel(formatter, title, rows, column)


def _option_panels(params: Iterable[Any]) -> dict[str, Rows]:
    """Return the panels of the parameters: what is used most first, what all have last."""
    panels: dict[str, Rows] = {"Arguments": [], OPTIONS: []}
    for param in params:
        is_argument = param.param_type_name == "argument"
        panel = param.rich_help_panel or ("Arguments" if is_argument else OPTIONS)
        row = (param.metavar if is_argument else _label(param), param.help)
        if param.name == "help":
            panel, row = GLOBAL_OPTIONS, (row[0], "Show this help")
        if not param.hidden:
            panels.setdefault(panel, []).append(row)
    return panels | {GLOBAL_OPTIONS: panels.pop(GLOBAL_OPTIONS)}


def _label(option: TyperType) -> str:
    """Return ``-p, --port PORT``; long names stand below each other."""
    names = sorted([*option.opts, *option.secondary_opts], key=lambda name: name[:2] == "--")
    indent = "    " if names[0].startswith("--") else ""
    return " ".join(filter(None, (indent + ", ".join(names), option.metavar)))


def _fit_terminal(formatter: TyperType) -> None:
    """Make the page as narrow as the terminal; Typer makes it 50 columns wide at least."""
    columns = shutil.get_terminal_size().columns - 2
    formatter.width = min(formatter.width, max(columns, _NARROWEST))


def _write_text(formatter: TyperType, *paragraphs: str) -> None:
    for paragraph in paragraphs:
        formatter.write("".join(f"{line}\n" for line in ("", *_wrapped(paragraph, formatter))))


def _write_panel(formatter: TyperType, title: str, rows: Rows, column: int = 0) -> None:
    """Write a title and rows. All texts start in one column, below a label that is too long."""
    if not rows:
        return
    lengths = [len(label) for label, _ in rows if len(label) <= _LABEL_MAXIMUM]
    column = max([column, *(length + 4 for length in lengths)])
    column = min(column, formatter.width - _TEXT_MINIMUM)
    formatter.write(f"\n{_styled(f'{title}:', bold=True)}\n")
    for label, text in rows:
        lines = _wrapped(text, formatter, column)
        room = column - len(label) - 2
        gap = " " * room if room >= 2 else "\n" + " " * column
        shown = f"  {_styled(label, fg='cyan')}" + (gap if lines else "")
        formatter.write(shown + f"\n{' ' * column}".join(lines) + "\n")


def _wrapped(text: str, formatter: TyperType, indent: int = 0) -> list[str]:
    """Return the lines of a text. A default is not cut in two, unless it is long."""
    before, bracket, default = text.partition("[default: ")
    if len(default) <= _DEFAULT_MAXIMUM:
        bracket, default = bracket.replace(" ", "\xa0"), default.replace(" ", "\xa0")
    width = formatter.width - indent
    wrapper = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\xa0", " ") for line in wrapper.wrap(before + bracket + default)]


def _styled(text: str, **style: Any) -> str:  # noqa: ANN401 - passed on
    """Return the text with a style; Typer removes it if stdout is no terminal."""
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else typer.style(text, **style)

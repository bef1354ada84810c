"""How ``--help`` looks: what a command does, examples, and its options in panels.

Typer's own boxes leave half of 80 columns for the text; these are lists, as in gh and uv.
"""

import os
import textwrap
from collections.abc import Iterable
from typing import Any

import typer
import typer.core

from okhook.cli.usage_errors import unknown_command, usage_error
from okhook.errors import ExitCode

GLOBAL_OPTIONS = "Global options"
"""The panel of the options that every command has."""

_LABEL_MAXIMUM = 30
_GLUED_MAXIMUM = 45

Rows = list[tuple[str, str]]


class HelpfulCommand(typer.core.TyperCommand):
    """A command whose ``--help`` has examples."""

    examples: tuple[tuple[str, str], ...] = ()
    """Command lines, and what each is for."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401 - Typer exports no type
        """Return the words of the usage line."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer exports no type
        """Read the arguments.

        Raises:
            InvalidInput: one is unknown, missing or invalid.
        """
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise usage_error(error, ctx) from error

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer exports no type
        """Write the help page."""
        what, _, notes = (self.help or "").partition("\n\n")
        self.format_usage(ctx, formatter)
        _write_text(formatter, what)
        shown = [(line, f"# {purpose}" if purpose else "") for line, purpose in self.examples]
        _write_panel(formatter, "Examples", shown, label_maximum=formatter.width)
        for title, rows in _option_panels(self.get_params(ctx)).items():
            _write_panel(formatter, title, rows)
        _write_text(formatter, notes)


class HelpfulGroup(typer.core.TyperGroup):
    """A group whose ``--help`` lists its commands in panels, before its options."""

    start = ""
    """A line on how to start."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer exports no type
        """Read the options; show the help if there are no arguments.

        Raises:
            InvalidInput: an option is unknown or invalid.
        """
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help())
            raise typer.Exit(ExitCode.USAGE)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise usage_error(error, ctx) from error

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:  # noqa: ANN401 - Typer exports no type
        """Find the command that the arguments name.

        Raises:
            InvalidInput: there is none.
        """
        if args[0] not in self.commands and not ctx.resilient_parsing:
            raise unknown_command(args[0], ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer exports no type
        """Run the command that the arguments name.

        Raises:
            InvalidInput: they name none.
        """
        try:
            return super().invoke(ctx)
        except typer.TyperException as error:
            raise usage_error(error, ctx) from error

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer exports no type
        """Write the help page."""
        panels: dict[str, Rows] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            summary = (command.help or "").partition("\n\n")[0].rstrip(".")
            panels.setdefault(command.rich_help_panel or "Commands", []).append((name, summary))
        options = [row for rows in _option_panels(self.get_params(ctx)).values() for row in rows]
        self.format_usage(ctx, formatter)
        _write_text(formatter, self.help or "")
        _write_text(formatter, self.start)
        column = max(len(name) for name in self.commands) + 4
        for title, rows in (panels | {"Options": options}).items():
            _write_panel(formatter, title, rows, column=column)
        _write_text(formatter, f"Run `{ctx.command_path} COMMAND --help` for a command's options.")


def _option_panels(params: Iterable[Any]) -> dict[str, Rows]:
    """Return the panels of the parameters: what is used most first, what all have last."""
    panels: dict[str, Rows] = {"Arguments": [], "Options": []}
    for param in params:
        if param.name == "help":
            panels.setdefault(GLOBAL_OPTIONS, []).append((_label(param), "Show this help"))
        elif param.param_type_name == "argument":
            rows = panels.setdefault(param.rich_help_panel or "Arguments", [])
            rows.append((param.metavar, param.help))
        elif not param.hidden:
            rows = panels.setdefault(param.rich_help_panel or "Options", [])
            rows.append((_label(param), param.help))
    return panels | {GLOBAL_OPTIONS: panels.pop(GLOBAL_OPTIONS)}


def _label(option: Any) -> str:  # noqa: ANN401 - Typer exports no type
    """Return ``-p, --port PORT``; long names stand below each other."""
    names = sorted([*option.opts, *option.secondary_opts], key=lambda name: name[:2] == "--")
    indent = "    " if names[0].startswith("--") else ""
    return " ".join(filter(None, (indent + ", ".join(names), option.metavar)))


def _write_text(formatter: Any, text: str) -> None:  # noqa: ANN401 - Typer exports no type
    for paragraph in text.split("\n\n") if text else ():
        formatter.write("".join(f"{line}\n" for line in ["", *_wrapped(paragraph, formatter)]))


def _write_panel(
    formatter: Any,  # noqa: ANN401 - Typer exports no type
    title: str,
    rows: Rows,
    *,
    label_maximum: int = _LABEL_MAXIMUM,
    column: int = 0,
) -> None:
    """Write a title and rows. All texts start in one column, below a label that is too long."""
    if not rows:
        return
    lengths = [len(label) for label, text in rows if text and len(label) <= label_maximum]
    column = max([column, *(length + 4 for length in lengths)])
    formatter.write(f"\n{_styled(f'{title}:', bold=True)}\n")
    for label, text in rows:
        lines = _wrapped(text, formatter, column)
        room = column - len(label) - 2
        gap = " " * room if room >= 2 else "\n" + " " * column
        shown = f"  {_styled(label, fg='cyan')}{gap}" + f"\n{' ' * column}".join(lines)
        formatter.write(f"{shown.rstrip()}\n")


def _wrapped(text: str, formatter: Any, indent: int = 0) -> list[str]:  # noqa: ANN401 - Typer exports no type
    """Return the lines of a text. A short default is never cut in two."""
    before, bracket, default = text.partition("[default: ")
    if bracket and len(default) <= _GLUED_MAXIMUM:
        default = default.replace(" ", "\xa0")
        bracket = bracket.replace(" ", "\xa0")
    lines = textwrap.wrap(
        before + bracket + default,
        formatter.width - indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\xa0", " ") for line in lines]


def _styled(text: str, **style: Any) -> str:  # noqa: ANN401 - passed on
    """Return the text with a style; Typer removes it if stdout is no terminal."""
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else typer.style(text, **style)

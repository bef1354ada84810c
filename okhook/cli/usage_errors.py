"""Errors in a command line: what Typer found, in okhook's words and with the nearest valid word."""

import difflib
from collections.abc import Mapping
from typing import Any

from okhook.errors import InvalidInput
from okhook.text import plain
from okhook.wire.event_types import nearest

_IN_OTHER_TOOLS = {
    "completion": "okhook --install-completion",
    "listen": "okhook up",
    "version": "okhook --version",
}
"""What developers know from gh, stripe, uv and the like."""

TyperType = Any
"""A type that Typer does not export: a context, a command, a parameter, an error."""


def usage_error(error: TyperType, ctx: TyperType) -> InvalidInput:
    """Return the error for what Typer found wrong with the command line of ``ctx``."""
    see_help = f"run {ctx.command_path} --help"
    message = error.message
    if hasattr(error, "possibilities"):
        params = ctx.command.get_params(ctx)
        names = [n for each in params for n in (*each.opts, *each.secondary_opts) if n[0] == "-"]
        wrong = error.option_name
        known = {name.lstrip("-"): name for name in names}
        return InvalidInput(
            f"unknown option {plain(wrong)}",
            next_step=_nearest(wrong.lstrip("-"), known, f"{see_help} to list the options"),
        )
    if hasattr(error, "param_type"):
        param = error.param
        return InvalidInput(
            f"missing {param.param_type_name} {name_of(param)}",
            why=param.help.removesuffix(" [required]"),
            next_step=f"for example: {ctx.command.examples[0].partition(' #')[0].rstrip()}",
        )
    if hasattr(error, "param"):
        return _invalid_value(error, see_help)
    if hasattr(error, "option_name"):
        name = error.option_name
        what = "needs a value" if "requires" in message else "takes no value"
        return InvalidInput(f"{name} {what}", next_step=see_help)
    extra = message.removeprefix("Got unexpected extra argument(s) (")
    if extra != message:
        return _unexpected(extra.removesuffix(")"), ctx, see_help)
    return InvalidInput(f"{message[:1].lower()}{message[1:]}".rstrip("."), next_step=see_help)


def unknown_command(name: str, ctx: TyperType) -> InvalidInput:
    """Return the error for a command that the group of ``ctx`` does not have."""
    path, commands = ctx.command_path, ctx.command.commands
    meant = [_IN_OTHER_TOOLS[name]] if name in _IN_OTHER_TOOLS else _called(name, ctx.find_root())
    return InvalidInput(
        f"unknown command '{plain(name)}'",
        next_step=f"did you mean {' or '.join(meant)}?"
        if meant
        else _nearest(
            name,
            {each: f"{path} {each}" for each in commands},
            f"run {path} --help to list the commands",
        ),
    )


def _called(name: str, root: TyperType) -> list[str]:
    """Return the commands of that name, wherever they stand."""
    commands = root.command.commands
    groups = {each: getattr(command, "commands", ()) for each, command in commands.items()}
    inside = [f"okhook {group} {name}" for group, names in groups.items() if name in names]
    return [f"okhook {name}", *inside] if name in commands else inside


def name_of(param: TyperType) -> str:
    """Return the name of an option or an argument, as a user knows it."""
    name: str = param.metavar if param.param_type_name == "argument" else param.opts[0]
    return name


def _unexpected(extra: str, ctx: TyperType, see_help: str) -> InvalidInput:
    takes_types = any("--event" in param.opts for param in ctx.command.get_params(ctx))
    near = nearest(extra, 1) if takes_types else []
    meant = f"did you mean --event {near[0]}?" if near else see_help
    return InvalidInput(f"unexpected argument: {extra}", next_step=meant)


def _invalid_value(error: TyperType, see_help: str) -> InvalidInput:
    param, next_step = error.param, see_help
    value = error.__cause__.errors()[0]["input"]  # Typer validates with Pydantic
    _, is_choice, choices = error.message.partition(" is not one of ")
    if is_choice:
        words = choices.rstrip(".").replace("'", "").split(", ")
        expected = f"{', '.join(words[:-1])} or {words[-1]}"
        next_step = _nearest(str(value), {word: word for word in words}, see_help)
    else:
        expected = "a whole number"
        if param.max is not None:
            expected += f" from {param.min} to {param.max}"
        elif param.min is not None:
            expected += f" of at least {param.min}"
    what = f"invalid {name_of(param)} value '{plain(str(value), limit=80)}': expected {expected}"
    return InvalidInput(what, next_step=next_step)


def _nearest(wrong: str, known: Mapping[str, str], otherwise: str) -> str:
    """Return the next step: the text for the most similar of the known words, if one is."""
    near = difflib.get_close_matches(wrong, known, n=1)
    return f"did you mean {known[near[0]]}?" if near else otherwise

"""How a command is declared: its options, their order, and what its function gets."""

import inspect
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

import okhook.cli
from okhook.cli.command import Command, command, flag, option, switch
from okhook.cli.command_tree import okhook_command
from okhook.config.setting import Layer
from okhook.errors import InvalidInput
from tests.cli.every_command import commands_below

CALLS: list[tuple[Any, ...]] = []


@dataclass(frozen=True)
class Group:
    """Two options that belong together."""

    first: str | None = option("First.")
    second_: bool = switch("Second.", short="-s")


@command(
    "wait second_",
    flag("sandbox_port", name="--port", short="-p"),
    "first",
    opens=lambda flags: flags,
)
def declared(flags: Layer, group: Group, alone: int = option("Alone.", default=1)) -> None:
    """Do something."""
    CALLS.append((flags, alone, group))


def run(*arguments: str) -> tuple[Any, ...]:
    """Run the command; return what its function was called with."""
    CALLS.clear()
    app = typer.Typer(add_completion=False)
    app.command()(declared.for_typer())
    typer.main.get_command(app)(list(arguments), standalone_mode=False)
    [call] = CALLS
    return call


def test_options_stand_in_the_order_of_the_declaration() -> None:
    """Parameters that are not named come first, and what every command has last."""
    assert list(inspect.signature(declared.for_typer()).parameters) == [
        *("alone", "wait", "second_", "sandbox_port", "first", "output", "quiet"),
    ]


def test_a_flag_that_was_given_is_a_setting_with_its_origin() -> None:
    """The flag may have another name in one command; what was not given is left out."""
    flags, alone, group = run("--port", "0", "--wait", "2m", "--alone", "3")
    assert flags == Layer(
        {"wait": "2m", "sandbox_port": "0"}, {"wait": "--wait", "sandbox_port": "--port"}
    )
    assert (alone, group) == (3, Group())


def test_a_dataclass_stands_for_its_fields() -> None:
    """The function gets it whole."""
    assert run("--first", "x", "-s")[2] == Group("x", second_=True)


def test_a_setting_that_is_never_a_flag_is_refused() -> None:
    """A token in argv can be read by others on the machine."""
    with pytest.raises(ValueError, match="token cannot be a flag"):
        flag("token")
    wrong = Command(lambda ctx: None, ("no_such_setting",), lambda flags: flags)
    with pytest.raises(KeyError):
        wrong.for_typer()


def test_every_declared_command_can_be_called() -> None:
    """A file that declares a command, and that no group names, would be found by nobody."""
    declared = {
        each.function
        for path in Path(okhook.cli.__file__).parent.glob("*/*.py")
        if "\n@command(" in path.read_text(encoding="utf-8")
        for each in vars(import_module(f"okhook.cli.{path.parent.name}.{path.stem}")).values()
        if isinstance(each, Command)
    }
    assert declared == {each.command.function for _, each in commands_below(okhook_command())}


def test_every_command_can_be_made() -> None:
    """They are made once they run, so a slip in one would be seen late."""
    root = okhook_command()
    for one in root.commands.values():
        for each in getattr(one, "commands", {"": one}).values():
            assert {"output", "quiet"} <= {param.name for param in each.built().params}


def test_no_option_takes_an_empty_value_field_12() -> None:
    """An unset variable in a script is an error before anything is done, in every command."""
    tried = 0
    for _, each in commands_below(okhook_command()):
        for param in each.built().params:
            if param.param_type_name != "option" or param.is_flag:
                continue
            if param.name == "description":  # without one, a hook has no description
                continue
            with pytest.raises((InvalidInput, typer.BadParameter)):
                each.built().main([param.opts[0], ""], standalone_mode=False)
            tried += 1
    assert tried > 100


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_value_is_named_field_12(empty: str) -> None:
    """The error says which option, and that it can be left out."""
    with pytest.raises(InvalidInput, match="--first is empty") as refused:
        run("--first", empty)
    assert refused.value.next_step == "give it a value, or leave it out"

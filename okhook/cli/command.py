"""How a command is declared: its settings by name, and its other options as parameters.

::

    @command("host", "port", *SECRET)
    def serve(ctx: "Context", verbose: VerboseOption = False) -> None:
        \"\"\"Receive deliveries on this machine.\"\"\"

has ``--verbose``, ``--host``, ``--port`` and the flags of the secret, each of them as
``okhook.config.settings`` describes it, and ``--output`` and ``--quiet`` as every command has. The
given flags become settings; ``ctx`` holds them.

A parameter that is a dataclass stands for its fields, each of which is an option.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, final

import typer

from okhook.config.setting import Flag, Layer
from okhook.config.settings import declared_settings

_EVERY_COMMAND = ("output", "quiet")


@dataclasses.dataclass(frozen=True, slots=True)
class SettingFlag:
    """A setting as a flag of one command; ``name`` is the flag, such as ``--port``."""

    setting: str
    name: str
    looks: Flag

    def parameter(self) -> inspect.Parameter:
        """Return it as Typer reads it. None means that it was not given."""
        looks, declared = self.looks, declared_settings()[self.setting]
        option = typer.Option(
            *(name for name in (self.name, looks.short) if name),
            help=looks.help,
            metavar=looks.metavar,
            rich_help_panel=looks.panel,
            show_default=looks.shown_default or declared.shown_default or True,
        )
        return _parameter(self.setting, Annotated[declared.option_type | None, option], None)


def flag(setting: str, name: str | None = None, **looks: Any) -> SettingFlag:  # noqa: ANN401 - members of Flag
    """Return a setting's flag with another name, or with other looks than those declared."""
    declared = declared_settings()[setting]
    if declared.flag is None:
        raise ValueError(f"{setting} is never a flag")
    return SettingFlag(
        setting, name or declared.flag_name, dataclasses.replace(declared.flag, **looks)
    )


@final
class Command:
    """A function, and its options in the order of ``--help``.

    ``opens`` makes the function's first argument from the flags that are settings.
    """

    def __init__(
        self,
        function: Callable[..., None],
        options: tuple[str | SettingFlag, ...],
        opens: Callable[[Layer], object],
    ) -> None:
        self.help = inspect.getdoc(function)
        self._function = function
        self._options = options
        self._opens = opens

    def for_typer(self) -> Callable[..., None]:
        """Return a function with a parameter for each option, which calls the command's own."""
        _, *own = inspect.signature(self._function).parameters.values()
        settings, in_order = self._arranged({one.name: _single(one) for one in own})

        def run(**given: object) -> None:
            flags = {name: given[name] for name in settings}
            arguments = {one.name: _argument(one, given) for one in own}
            self._function(self._opens(_given(flags, settings)), **arguments)

        run.__dict__["__signature__"] = inspect.Signature(in_order)
        run.__doc__ = self.help
        return run

    def _arranged(
        self, own: Mapping[str, Mapping[str, inspect.Parameter]]
    ) -> tuple[dict[str, SettingFlag], list[inspect.Parameter]]:
        """Return the flags that are settings, and every parameter in order.

        ``own`` has what each of the function's parameters stands for.
        """
        unplaced = {name: each for group in own.values() for name, each in group.items()}
        in_order: list[inspect.Parameter] = []
        settings: dict[str, SettingFlag] = {}
        every = tuple(name for name in _EVERY_COMMAND if name not in unplaced)
        for option in (*self._options, *every):
            if isinstance(option, str) and option in unplaced:
                in_order.append(unplaced.pop(option))
            elif isinstance(option, str) and option in own:
                in_order += [unplaced.pop(name) for name in own[option] if name in unplaced]
            else:
                one = flag(option) if isinstance(option, str) else option
                settings[one.setting] = one
                in_order.append(one.parameter())
        return settings, [*unplaced.values(), *in_order]


def command(*options: str | SettingFlag) -> Callable[[Callable[..., None]], Command]:
    """Declare a command whose first argument is the ``Context`` of its settings.

    ``options`` are names of settings. The names of parameters may stand among them, to say where
    ``--help`` shows these; the others come first.
    """
    return lambda function: Command(function, options, _opened)


def command_of_flags(*options: str | SettingFlag) -> Callable[[Callable[..., None]], Command]:
    """Declare a command that reads its settings itself: its first argument is their ``Layer``."""
    return lambda function: Command(function, options, lambda flags: flags)


def _opened(flags: Layer) -> object:
    from okhook.cli.context import open_context

    return open_context(flags)


def _given(flags: Mapping[str, object], settings: Mapping[str, SettingFlag]) -> Layer:
    given = {name: value for name, value in flags.items() if value is not None and value != []}
    return Layer(given, {name: settings[name].name for name in given})


def _single(parameter: inspect.Parameter) -> dict[str, inspect.Parameter]:
    """Return a parameter, or those that a dataclass stands for, by name."""
    group = parameter.annotation
    if not dataclasses.is_dataclass(group):
        return {parameter.name: _parameter(parameter.name, group, parameter.default)}
    fields = dataclasses.fields(group)
    return {one.name: _parameter(one.name, one.type, _default(one)) for one in fields}


def _argument(parameter: inspect.Parameter, given: Mapping[str, object]) -> object:
    group: Any = parameter.annotation
    if not dataclasses.is_dataclass(group):
        return given[parameter.name]
    members = {one.name: given[one.name] for one in dataclasses.fields(group)}
    return group(**members)  # type: ignore[operator]  # it is a class


def _default(field: dataclasses.Field[Any]) -> object:
    return inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default


def _parameter(name: str, annotation: object, default: object) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )

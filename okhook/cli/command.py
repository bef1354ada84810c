"""How a command is declared: its settings by name, and its other options as parameters.

::

    @command("port all_", Panel("Secret", "auth_secret_file auth_field"))
    def serve(ctx: Context, all_: bool = switch("Keep everything")) -> None:
        \"\"\"Receive deliveries on this machine.

        okhook serve --port 8080  # examples stand in a paragraph of their own
        okhook serve --all
        \"\"\"

has ``--all``, the flags of three settings as ``okhook.config.settings`` describes them, and
``--output`` and ``--quiet`` as every command has. ``--help`` shows them in this order. The given
flags become settings, which ``ctx`` has.

A parameter that is a dataclass stands for its fields, each of which is an option.
"""

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, get_args

import typer

from okhook.cli.completion import event_types, known_orgs
from okhook.cli.context import open_context
from okhook.cli.help_page import GLOBAL_OPTIONS, OPTIONS
from okhook.cli.usage_errors import name_of
from okhook.config.setting import Flag, Layer
from okhook.config.settings import declared_settings
from okhook.errors import InvalidInput
from okhook.text import split_names

_COMPLETIONS = {"org": known_orgs, "event": event_types}


REQUIRED: Any = dataclasses.MISSING
"""The default of an option that has none."""

_LOOKS = "looks"


@dataclasses.dataclass(frozen=True, slots=True)
class Argument:
    """The look of a word on the command line that is no flag."""

    help: str
    metavar: str
    completion: Callable[..., Sequence[Any]] | None = None
    takes_names: bool = False


def option(text: str, *, default: Any = None, **looks: Any) -> Any:  # noqa: ANN401 - like field()
    """Declare an option and its help: the result is the default of a parameter, or of a field.

    ``looks`` are members of ``Flag``.
    """
    return dataclasses.field(default=default, metadata={_LOOKS: Flag(text, **looks)})


def switch(text: str, **looks: Any) -> Any:  # noqa: ANN401
    """Declare an option that takes no value, as ``option`` does."""
    return option(text, default=False, **looks)


def argument(text: str, metavar: str, *, default: Any = REQUIRED, **looks: Any) -> Any:  # noqa: ANN401
    """Declare an argument, as ``option`` does."""
    return dataclasses.field(default=default, metadata={_LOOKS: Argument(text, metavar, **looks)})


@dataclasses.dataclass(frozen=True, slots=True)
class SettingFlag:
    """A setting as a flag of one command."""

    setting: str
    name: str
    parameter: inspect.Parameter
    """What Typer reads. Its value is None where the flag was not given."""


class Panel:
    """Options that stand together in ``--help``, under a title. Spaces separate their names."""

    def __init__(self, title: str, *options: str | SettingFlag) -> None:
        self.title = title
        self.options: list[str | SettingFlag] = []
        for each in options:
            self.options += each.split() if isinstance(each, str) else [each]


Option = str | SettingFlag | Panel


def flag(setting: str, **looks: Any) -> SettingFlag:  # noqa: ANN401 - members of Flag
    """Return a setting's flag with other looks than those declared."""
    declared = declared_settings()[setting]
    if declared.flag is None:
        raise ValueError(f"{setting} cannot be a flag")
    shown = dataclasses.replace(declared.flag, **looks)
    name, meaning = shown.name or declared.flag_name, declared.meaning
    shown = dataclasses.replace(
        shown,
        name=name,
        help=shown.help or f"{meaning[0].upper()}{meaning[1:]}",
        shown_default=shown.shown_default or declared.shown_default,
        completion=shown.completion or _COMPLETIONS.get(setting),
    )
    parameter = _parameter(setting, declared.option_type | None, shown, None)
    return SettingFlag(setting, name, parameter)


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """A function, and its options in the order of ``--help``.

    ``opens`` makes the function's first argument from the flags that are settings. The function may
    be async.
    """

    function: Callable[..., Any]
    options: tuple[Option, ...]
    opens: Callable[[Layer], object]

    @property
    def name(self) -> str:
        """The word on the command line: ``list`` for the function ``list_``."""
        return self.function.__name__.rstrip("_").replace("_", "-")

    @property
    def setting_flags(self) -> dict[str, str]:
        """The flags of its settings, by the name of the setting."""
        return {name: each.name for name, each in self._arranged()[0].items()}

    def for_typer(self) -> Callable[..., None]:
        """Return a function with a parameter for each option, which calls the command's own."""
        settings, in_order = self._arranged()

        def run(**given: object) -> None:
            flags = {name: given[name] for name in settings if given[name] not in (None, [])}
            layer = Layer(flags, {name: settings[name].name for name in flags})
            arguments = {one.name: _argument(one, given) for one in self._parameters}
            try:
                call = partial(self.function, self.opens(layer), **arguments)
                if inspect.iscoroutinefunction(self.function):
                    import anyio

                    anyio.run(call)
                else:
                    call()
            except Exception as error:
                from okhook.cli.remedies import add_flags

                add_flags(error, layer)
                raise

        run.__dict__["__signature__"] = inspect.Signature(in_order)
        run.__doc__ = inspect.getdoc(self.function)
        return run

    @property
    def _parameters(self) -> list[inspect.Parameter]:
        """The parameters of the function, but not the first."""
        return list(inspect.signature(self.function).parameters.values())[1:]

    def _arranged(self) -> tuple[dict[str, SettingFlag], list[inspect.Parameter]]:
        """Return the flags that are settings, and every parameter in order."""
        unplaced = {
            name: _parameter(name, kind, looks_of(one), one.default)
            for parameter in self._parameters
            for name, kind, one in _declared(parameter)
        }
        in_order: list[inspect.Parameter] = []
        settings: dict[str, SettingFlag] = {}
        for option in (*self.options, Panel(GLOBAL_OPTIONS, "output quiet")):
            panel = option if isinstance(option, Panel) else Panel(OPTIONS, option)
            for one in panel.options:
                parameter = unplaced.pop(one, None) if isinstance(one, str) else None
                if parameter is None:
                    setting = flag(one) if isinstance(one, str) else one
                    settings[setting.setting] = setting
                    parameter = setting.parameter
                get_args(parameter.annotation)[1].rich_help_panel = panel.title
                in_order.append(parameter)
        return settings, [*unplaced.values(), *in_order]


def command(
    *options: Option, opens: Callable[[Layer], object] = open_context
) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command whose first argument is what ``opens`` returns, usually a ``Context``.

    ``options`` are names of settings, with spaces between them. Names of parameters may stand
    among them, to give these their place in ``--help``; the other parameters come first.
    """
    return lambda function: Command(function, options, opens)


def looks_of(declared: dataclasses.Field[Any]) -> Any:  # noqa: ANN401 - a Flag or an Argument
    """Return the look of what was declared with ``option``, ``switch`` or ``argument``."""
    return declared.metadata[_LOOKS]


def _declared(one: inspect.Parameter) -> Iterator[tuple[str, Any, dataclasses.Field[Any]]]:
    """Yield the name, the type and the declaration of each option that a parameter stands for."""
    group = one.annotation
    if not dataclasses.is_dataclass(group):
        yield one.name, group, one.default
        return
    for field in dataclasses.fields(group):
        yield field.name, field.type, field


def _argument(parameter: inspect.Parameter, given: Mapping[str, object]) -> object:
    values = {name: _value(looks_of(one), given[name]) for name, _, one in _declared(parameter)}
    group: Any = parameter.annotation
    if not dataclasses.is_dataclass(group):
        return values[parameter.name]
    return group(**values)  # type: ignore[operator]  # it is a class


def _value(looks: Flag | Argument, given: Any) -> object:  # noqa: ANN401 - what Typer read
    if not looks.takes_names or not given:
        return given
    return [name for text in given for name in split_names(text)]


def _parameter(
    name: str,
    kind: Any,  # noqa: ANN401 - a type
    looks: Flag | Argument,
    default: object,
) -> inspect.Parameter:
    default = inspect.Parameter.empty if default is REQUIRED else default
    if isinstance(looks, Argument):
        information = typer.Argument(
            metavar=looks.metavar,
            help=looks.help,
            autocompletion=looks.completion,
            callback=_filled,
        )
    else:
        information = typer.Option(
            *(each for each in (flag_name(name, looks), looks.short) if each),
            metavar=looks.metavar or _metavar(kind),
            help=_with_default(looks, default),
            show_default=False,
            autocompletion=looks.completion,
            callback=None if looks.may_be_empty else _filled,
            min=looks.minimum,
            max=looks.maximum,
        )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, information],
    )


def flag_name(parameter: str, looks: Flag) -> str:
    """Return the flag of a parameter: ``--dry-run`` for ``dry_run``, unless it has its own name."""
    return looks.name or f"--{parameter.rstrip('_').replace('_', '-')}"


def _filled(parameter: typer.CallbackParam, value: Any) -> Any:  # noqa: ANN401 - of any type
    """Return the value of an option, or raise InvalidInput for one that is empty.

    A shell makes an empty value of a variable that is not set.
    """
    texts = value if isinstance(value, list) else [value]
    is_empty = any(isinstance(each, str) and not each.strip() for each in texts)
    if is_empty and value != parameter.default:
        way_out = "" if parameter.required else ", or leave it out"
        raise InvalidInput(f"{name_of(parameter)} is empty", next_step=f"give it a value{way_out}")
    return value


def _metavar(kind: Any) -> str | None:  # noqa: ANN401 - a type
    """Return what ``--help`` shows for a value of the type; None for a switch."""
    types = [each for each in (*get_args(kind), kind) if isinstance(each, type)]
    if bool in types:
        return None
    words = next((each for each in types if issubclass(each, StrEnum)), None)
    return "|".join(words) if words else "N" if int in types else "TEXT"


def _with_default(looks: Flag, default: object) -> str:
    """Return the help of an option with its default, if there is one to show."""
    shown = looks.shown_default
    if default is inspect.Parameter.empty:
        return f"{looks.help} [required]"
    if shown is None and isinstance(default, int | str) and not isinstance(default, bool):
        shown = str(default)
    return looks.help if shown is None else f"{looks.help} [default: {shown}]"

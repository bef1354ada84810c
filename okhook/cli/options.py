"""Options that several commands have: groups of settings, and flags that are no settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from okhook.cli.command import Argument
from okhook.cli.completion import hooks_starting_with
from okhook.config.setting import Flag
from okhook.errors import InvalidInput
from okhook.text import plain

T = TypeVar("T")

RECEIVER = ("host", "port", "path")
SECRET = ("auth_field", "auth_secret", "auth_secret_file", "basic_auth")
TUNNEL = ("source", "hookdeck", "timeout", "end_orphan")
HOOK = ("name", "event", "description", "header", "filter_", "hook_id")
FORWARD = (
    *("forward_to", "retries", "forward_timeout", "concurrency"),
    *("forward_duplicates", "send_secret"),
)

HookArgument = Annotated[
    str,
    Argument("The hook, by its id or its name.", metavar="ID|NAME", completion=hooks_starting_with),
]
HookdeckArguments = Annotated[
    list[str] | None,
    Argument(
        "Arguments for `hookdeck listen`, after `--`. Never a key: set HOOKDECK_API_KEY.",
        metavar="HOOKDECK_ARGS",
    ),
]
EndOrphanOption = Annotated[
    bool,
    Flag("End the Hookdeck of an okhook that was killed.", name="--end-orphan", panel="Tunnel"),
]
SendSecretOption = Annotated[
    bool,
    Flag(
        "Send the hook's secret along to apps on other machines too.",
        name="--send-secret",
        panel="Forward",
    ),
]
VerboseOption = Annotated[bool, Flag("Print each body as JSON.", name="--verbose", short="-v")]
YesOption = Annotated[bool, Flag("Do not ask.", name="--yes", short="-y")]


@dataclass(frozen=True)
class ForwardFlags:
    """The flags of forwarding that are no settings: of ``serve`` and ``up``."""

    forward_duplicates: Annotated[
        bool, Flag("Forward a delivery that repeats an earlier one as well.", panel="Forward")
    ] = False
    send_secret: SendSecretOption = False


@dataclass(frozen=True)
class HookFlags:
    """The flags that describe an event hook and are no settings: of ``register`` and ``up``."""

    header: Annotated[
        list[str] | None,
        Flag(
            "Header that the org sends with every call; repeat it for more.",
            metavar="'NAME: VALUE'",
            panel="Hook",
        ),
    ] = None
    filter_: Annotated[
        list[str] | None,
        Flag(
            "Deliver events of that type only where the expression holds.",
            metavar="'TYPE=EXPRESSION'",
            panel="Hook",
        ),
    ] = None
    hook_id: Annotated[
        str | None, Flag("Take this hook of the org.", metavar="ID", panel="Hook")
    ] = None


def quantity(flag: str, text: str, parse: Callable[[str], T], noun: str) -> T:
    """Return what ``parse`` reads in the value of a flag.

    Raises:
        InvalidInput: it is no such quantity; ``noun`` is the word for it.
    """
    from okhook.quantities import NotAQuantity

    try:
        return parse(text)
    except NotAQuantity as error:
        raise InvalidInput(f"{flag} {plain(text)} is no {noun}", next_step=str(error)) from None

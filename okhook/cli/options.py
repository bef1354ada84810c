"""Options that several commands have: groups of settings, and flags that are no settings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from okhook.cli.command import Panel, argument, option, switch
from okhook.cli.completion import known_hooks
from okhook.errors import InvalidInput
from okhook.text import plain

T = TypeVar("T")

RECEIVER = "host port path"
STORE = Panel("Store", "store")
HOOK_SECRET = Panel("Secret", "auth_secret_file auth_secret basic_auth")
SECRET = Panel("Secret", *HOOK_SECRET.options, "auth_field")

hook_argument = partial(
    argument, "The hook, by its id or name", metavar="HOOK", completion=known_hooks
)
hook_option = partial(
    option,
    "Hook to check, by id or name",
    metavar="HOOK",
    shown_default="the one registered from this machine",
    completion=known_hooks,
)
to_file_option = partial(
    option, "Write to this file, readable only by you", metavar="FILE", shown_default="stdout"
)
send_secret_switch = partial(switch, "Also send the hook's secret to apps on other machines")
set_option = partial(
    option,
    "Change a field, such as data.events[0].actor.displayName=Joe; [*] means every entry;"
    " repeat for more",
    metavar="FIELD=VALUE",
)
open_switch = partial(switch, "Open the inspector in your browser")
yes_switch = partial(switch, "Do not ask for confirmation", short="-y")


def check_alone(given: Mapping[str, bool]) -> None:
    """Check that at most one of the named flags is given."""
    named = [name for name, is_given in given.items() if is_given]
    if len(named) > 1:
        what = f"{named[0]} and {named[1]} cannot be used together"
        raise InvalidInput(what, next_step="choose one of them")


def quantity(flag: str, text: str, parse: Callable[[str], T]) -> T:
    """Return what ``parse`` reads in the value of a flag, or raise ``InvalidInput``."""
    from okhook.quantities import NotAQuantity

    try:
        return parse(text)
    except NotAQuantity as error:
        what = f"invalid {flag} value '{plain(text, limit=80)}'"
        raise InvalidInput(what, next_step=str(error)) from None


def seconds(flag: str, text: str, *, instead: str | None = None) -> float:
    """Return the seconds in the value of a flag, or raise ``InvalidInput`` if there are none.

    The error says what to do ``instead``.
    """
    from okhook.quantities import parse_age

    found_s = quantity(flag, text, parse_age).total_seconds()
    if found_s == 0:
        what = f"invalid {flag} value '{plain(text, limit=80)}': expected more than 0"
        raise InvalidInput(what, next_step=instead)
    return found_s


@contextmanager
def write_faults_named(file: str) -> Iterator[None]:
    """Raise ``InvalidInput``, which names the file of a flag, if the block cannot write it."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"could not write {file}", why=error.strerror or str(error)) from error


def check_texts(what: str, texts: Sequence[str]) -> None:
    """Check that the texts of the option ``what`` are UTF-8."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:  # bytes that are not UTF-8 arrive as half surrogates
            raise InvalidInput(f"{what} is not UTF-8") from None

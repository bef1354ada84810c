"""Commands to paste: found in messages, and written with the flags of the running command."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from rich.text import Text

from okhook.cli.command import flag_name, looks_of
from okhook.cli.command_tree import COMMANDS, LazyCommand, okhook_command
from okhook.config.setting import Layer
from okhook.config.settings import declared_settings
from okhook.errors import OkhookError
from okhook.text import plain

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

TO_PASTE = re.compile(
    r"`(?P<quoted>okhook [^`]+)`"
    rf"|(?:^\s*(?:→ )?|: |run )(?P<last>okhook (?:{'|'.join(COMMANDS)})\b.*)",
    re.MULTILINE,
)
"""A command in a message: between backticks, or the rest of its line."""

_NOT_KEPT = ("output", "quiet")


def commands_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each command to paste begins and ends."""
    for found in TO_PASTE.finditer(text):
        yield found.span("quoted") if found["quoted"] else found.span("last")


def with_flags(words: Iterable[str], flags: Layer, *, but: str = "") -> list[str]:
    """Return a command with the ``flags`` of the running command that it knows, too.

    Secrets are left out, as are flags that the text ``but`` names.
    """
    words = list(words)
    for setting, name in flags_of(words).items():
        given = setting in flags.values and setting not in _NOT_KEPT
        if not given or declared_settings()[setting].is_secret or name in words:
            continue
        if flags.origins[setting] in but.split() or (name == "--org" and _needs_no_org(words)):
            continue
        words += _spelled(name, flags.values[setting], declared_settings()[setting].redact)
    return words


def words_of(flags: "DataclassInstance") -> list[str]:
    """Return the flags in a dataclass of a command that were given, as words of a command line."""
    words: list[str] = []
    for one in fields(flags):
        value = getattr(flags, one.name)
        if value not in (None, one.default):
            words += _spelled(flag_name(one.name, looks_of(one)), value, str)
    return words


def add_flags(error: BaseException, flags: Layer) -> None:
    """Give the commands in an error's next step the flags of the running command."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            add_flags(each, flags)
    elif isinstance(error, OkhookError) and error.next_step is not None:
        error.next_step = text_with_flags(Text(error.next_step), flags, but=error.what).plain


def text_with_flags(line: Text, flags: Layer, *, but: str = "") -> Text:
    """Give the commands in a text the flags of the running command."""
    if "okhook " not in line.plain:
        return line
    for begins, ends in reversed([*commands_in(line.plain)]):
        if missing := _missing(line.plain[begins:ends], flags, but):
            no_wrap = line.no_wrap
            line = Text.assemble(line[:ends], f" {missing}", line[ends:])
            line.no_wrap = no_wrap
    return line


def _missing(command: str, flags: Layer, but: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:  # a quote that does not end
        return ""
    return plain(shlex.join(with_flags(words, flags, but=but)[len(words) :]))


def flags_of(words: list[str]) -> dict[str, str]:
    """Return the flags of a command's settings, by the name of the setting."""
    found = okhook_command()
    for word in words[1:]:
        commands = getattr(found, "commands", {})
        if word not in commands:
            return {}
        found = commands[word]
        if isinstance(found, LazyCommand):
            return found.command.setting_flags
    return {}


def _needs_no_org(words: list[str]) -> bool:
    """Return whether a command that has ``--org`` works without an org, and refuses one."""
    return "--sandbox" in words or ("send-sample" in words and "--recent" not in words)


def _spelled(name: str, value: object, redact: Callable[[str], str]) -> list[str]:
    if value is True:
        return [name]
    values = value if isinstance(value, list | tuple) else [value]
    return [word for each in values for word in (name, redact(str(each)))]

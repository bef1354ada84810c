"""The kinds of settings: how each reads a value, and what it refuses."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from okhook.config.declaration import Declaration, Declared, DeclaredOptional
from okhook.config.in_project import InProject
from okhook.config.setting import DEFAULT, Flag, Setting
from okhook.text import split_names
from okhook.wire.url import normal_path

if TYPE_CHECKING:
    from okhook.config.store_location import StoreLocation
    from okhook.secret import Secret

E = TypeVar("E", bound=StrEnum)

_LONGEST_S = 1e14
"""More than a ``timedelta`` can be."""

_HIGHEST_PORT = 65535

_NO_NUL = "text without the character NUL, which no path, host or header can have"

_INSTEAD_OF_USER = "set the user name and the password with --basic-auth or OKHOOK_BASIC_AUTH"

_A_LIST = "a list of strings, without quotes around the list"
_BRACKETED = re.compile(r"\s*\[.*\]\s*", re.DOTALL)
"""A list in JSON, or as shells write it: no name and no URL has brackets around it."""

_SPELLED = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def text(
    meaning: str,
    flag: Flag | None = None,
    *,
    default: str,
    in_project: InProject = InProject.USED,
) -> Declared[str]:
    """Declare a string with a default. It is not empty."""
    unset = Setting(default, DEFAULT)
    return Declaration(meaning, flag, _filled, unset, str, default, in_project=in_project)


def optional_text(
    meaning: str, flag: Flag | None = None, *, in_project: InProject = InProject.USED
) -> DeclaredOptional[str]:
    """Declare a string that may be missing, but not empty."""
    return Declaration(meaning, flag, _filled, None, in_project=in_project)


def free_text(meaning: str, flag: Flag | None = None) -> DeclaredOptional[str]:
    """Declare a string that may be missing or empty."""
    return Declaration(meaning, flag, _text, None)


def optional_secret(meaning: str, flag: Flag | None = None) -> "DeclaredOptional[Secret]":
    """Declare a string that is never shown and not empty."""

    def read(found: Setting[Any]) -> "Secret":
        from okhook.secret import Secret

        return Secret(_filled(found, shown=found.hidden()))

    return Declaration(meaning, flag, read, None, is_secret=True)


def store_location(meaning: str, flag: Flag | None = None) -> "DeclaredOptional[StoreLocation]":
    """Declare the place of a store. A project's file may not name one."""

    def read(found: Setting[Any]) -> "StoreLocation":
        from okhook.config.store_location import read_store_location

        return read_store_location(found)

    def redact(text: str) -> str:
        from okhook.config.store_location import without_password

        return without_password(text)

    return Declaration(meaning, flag, read, None, redact=redact, in_project=InProject.IGNORED)


def webhook_url(meaning: str, flag: Flag | None = None) -> DeclaredOptional[str]:
    """Declare a URL that an org can call, or none. A person confirms one of a project's file."""

    def read(found: Setting[Any]) -> str:
        from okhook.wire.webhook_url import USER_IN_URL, webhook_url_faults

        url = _filled(found)
        faults = list(webhook_url_faults(url))
        if faults:
            raise found.fault(
                f"{found.origin} is not a URL that Okta can call",
                why="\n".join(faults),
                next_step=_INSTEAD_OF_USER if USER_IN_URL in faults else None,
            )
        return url

    return Declaration(meaning, flag, read, None, in_project=InProject.ASKED_IF_ELSEWHERE)


def url_path(meaning: str, flag: Flag | None = None, *, default: str) -> Declared[str]:
    """Declare the path of a URL, percent-encoded or not."""

    def read(found: Setting[Any]) -> str:
        path = normal_path(_text(found))
        is_taken_out = {".", ".."} & set(path.split("/"))  # by every program that calls a URL
        if found.value[:1] != "/" or set(found.value) & set("?# \t\r\n") or is_taken_out:
            raise found.must_be("the path of a URL, such as /okta-webhooks")
        return path

    return Declaration(meaning, flag, read, Setting(default, DEFAULT), str, default)


def optional_address(meaning: str, flag: Flag | None = None) -> DeclaredOptional[Address]:
    """Declare a ``HOST:PORT`` to listen on. A host with colons stands in brackets.

    A person confirms one of a project's file that other machines can call.
    """

    def read(found: Setting[Any]) -> Address:
        host, _, port = _text(found).strip().rpartition(":")
        is_bracketed = host[:1] == "[" and host[-1:] == "]"
        bare = host[1:-1] if is_bracketed else host
        is_host = bare.isprintable() and bare and not set(bare) & set(" /@[]")
        is_number = port.isascii() and port.isdigit() and len(port) <= len("65535")
        is_port = is_number and int(port) <= _HIGHEST_PORT
        if not is_host or not is_port or (":" in bare) is not is_bracketed:
            raise found.must_be("an address and a port, such as 127.0.0.1:9100")
        return Address(bare, int(port))

    return Declaration(meaning, flag, read, None, in_project=InProject.ASKED_IF_OPEN)


def names(
    meaning: str,
    flag: Flag | None = None,
    *,
    default: tuple[str, ...] = (),
    in_project: InProject = InProject.USED,
) -> Declared[tuple[str, ...]]:
    """Declare names: with commas in a flag or a variable, a repeated flag, a list in a file."""

    def read(found: Setting[Any]) -> tuple[str, ...]:
        texts = _texts(found, "names with commas between them, and no brackets")
        return tuple(name for text in texts for name in _not_empty(found, split_names(text)))

    shown = ", ".join(default) or None
    return Declaration(
        meaning, flag, read, Setting(default, DEFAULT), list[str], shown, in_project=in_project
    )


def lines(
    meaning: str,
    flag: Flag | None = None,
    *,
    redact: Callable[[str], str] = str,
    in_project: InProject = InProject.USED,
) -> Declared[tuple[str, ...]]:
    """Declare texts that may have commas: a repeated flag, a variable of lines, a list in TOML."""

    def read(found: Setting[Any]) -> tuple[str, ...]:
        texts = _texts(found, "one value on each line, and no brackets")
        several = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
        return tuple(_not_empty(found, several if any(map(str.strip, texts)) else texts))

    unset: Setting[tuple[str, ...]] = Setting((), DEFAULT)
    return Declaration(meaning, flag, read, unset, list[str], redact=redact, in_project=in_project)


def _texts(found: Setting[Any], unbracketed: str) -> list[str]:
    value = [found.value] if isinstance(found.value, str) else found.value
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise found.must_be("a list of strings")
    if any("\0" in each for each in value):
        raise found.must_be(_NO_NUL)
    if as_json := next((each for each in value if _BRACKETED.fullmatch(each)), None):
        form = _A_LIST if found.from_file else unbracketed
        raise Setting(as_json, found.origin).must_be(form)
    return list(value)


def _not_empty(found: Setting[Any], texts: list[str]) -> list[str]:
    if not all(each.strip() for each in texts):
        raise found.must_be("strings that are not empty")
    return texts


def integer(
    meaning: str,
    flag: Flag | None = None,
    *,
    default: int,
    minimum: int = 0,
    maximum: int,
) -> Declared[int]:
    """Declare a whole number between two bounds."""

    def read(found: Setting[Any]) -> int:
        value = found.value
        if isinstance(value, str):
            with suppress(ValueError):
                value = int(value)
        if type(value) is not int or not minimum <= value <= maximum:
            raise found.must_be(f"a whole number from {minimum} to {maximum}")
        return value

    return Declaration(meaning, flag, read, Setting(default, DEFAULT), str, str(default))


def seconds(meaning: str, flag: Flag | None = None, *, default: float) -> Declared[float]:
    """Declare a duration that is not negative: ``1.5``, ``90s``, ``2m``."""

    def read(found: Setting[Any]) -> float:
        from okhook.quantities import parse_age

        value = found.value
        if isinstance(value, str):
            with suppress(ValueError):
                value = parse_age(value).total_seconds()
        if type(value) not in (int, float) or not 0 <= value <= _LONGEST_S:
            raise found.must_be("a time like 30s or 2m, or a number of seconds")
        return float(value)

    return Declaration(meaning, flag, read, Setting(default, DEFAULT), str, _shown_s(default))


def _shown_s(value: float) -> str:
    return f"{value / 60:g}m" if value >= 120 and value % 60 == 0 else f"{value:g}s"


def switch(meaning: str, flag: Flag | None = None) -> Declared[bool]:
    """Declare a boolean; false is the default."""

    def read(found: Setting[Any]) -> bool:
        if isinstance(found.value, bool):
            return found.value
        value = _SPELLED.get(str(found.value).lower())
        if value is None:
            raise found.must_be("true or false")
        return value

    return Declaration(meaning, flag, read, Setting(False, DEFAULT), bool)


def one_of(meaning: str, flag: Flag | None = None, *, default: E) -> Declared[E]:
    """Declare one word of an enum."""
    words: type[E] = type(default)

    def read(found: Setting[Any]) -> E:
        if _text(found) not in tuple(words):
            raise found.must_be(" or ".join(words))
        return words(found.value)

    return Declaration(meaning, flag, read, Setting(default, DEFAULT), words, default.value)


def _filled(found: Setting[Any], *, shown: Setting[Any] | None = None) -> str:
    """Return a text with something in it. An error shows the value of ``shown``.

    A shell makes an empty text of an unset variable. As an address that would mean every interface,
    and as a file the working directory.
    """
    text = _text(found, shown=shown)
    if not text.strip():
        raise (shown or found).must_be("text that is not empty")
    return text


def _text(found: Setting[Any], *, shown: Setting[Any] | None = None) -> str:
    if not isinstance(found.value, str):
        raise (shown or found).must_be("text in quotes")
    if "\0" in found.value:
        raise (shown or found).must_be(_NO_NUL)
    return found.value

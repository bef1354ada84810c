"""Write event hooks as the TOML file that ``okhook hooks apply`` reads."""

import re
from collections.abc import Iterable, Iterator

from okhook.okta.as_code.entry import FromVariable, HookEntry
from okhook.text import quoted

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_of_entries(entries: Iterable[HookEntry]) -> str:
    """Return the file, without a comment."""
    return "\n\n".join("\n".join(_lines(entry)) for entry in entries) + "\n"


def _lines(entry: HookEntry) -> Iterator[str]:
    yield "[[hook]]"
    if entry.hook_id is not None:
        yield f"id = {quoted(entry.hook_id)}"
    yield f"name = {quoted(entry.name)}"
    yield f"url = {quoted(entry.url)}"
    if entry.description:
        yield f"description = {quoted(entry.description)}"
    if not entry.is_active:
        yield "active = false"
    if secret := entry.secret:
        named = f", variable = {quoted(secret.variable)}" if secret.variable else ""
        yield f"secret = {{ header = {quoted(secret.header)}{named} }}"
    yield "events = ["
    for event_type in entry.events:
        yield f"    {quoted(event_type)},"
    yield "]"
    if entry.headers:
        yield from ("", "[hook.headers]")
        for name, value in entry.headers:
            yield f"{_key(name)} = {_header_value(value)}"
    if entry.filters:
        yield from ("", "[hook.filters]")
        for event_type, expression in entry.filters:
            yield f"{quoted(event_type)} = {quoted(expression)}"


def _header_value(value: str | FromVariable) -> str:
    if isinstance(value, FromVariable):
        return f"{{ variable = {quoted(value.variable)} }}"
    return quoted(value)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else quoted(name)

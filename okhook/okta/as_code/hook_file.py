"""Read the file of ``okhook hooks apply``. It may come from a stranger."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from okhook.config.toml import check_names, toml_of
from okhook.errors import InvalidInput
from okhook.okta.as_code.entry import (
    SECRET_VARIABLE,
    SETTINGS_OWN,
    FromVariable,
    HookEntry,
    SecretEntry,
    shown_entry,
)
from okhook.okta.event_hooks import HeaderPairs
from okhook.text import plain

_KEYS = ("id", "name", "url", "description", "active", "secret", "events", "headers", "filters")
_VARIABLE = re.compile(rf"{SECRET_VARIABLE}(_[A-Z0-9_]+)?")
_EXAMPLE = "for an example, run `okhook hooks export` or `okhook help register-and-hooks`"


def read_hook_file(text: str) -> list[HookEntry]:
    """Return the hooks in ``text``.

    Raises:
        InvalidInput: it is not TOML, or a hook has an unknown name, lacks a value, or has one of
            another type. The error names the line or the hook.
    """
    try:
        content = toml_of(text)
    except ValueError as error:
        raise InvalidInput("invalid TOML", why=str(error), next_step=_EXAMPLE) from None
    check_names("", content, ("hook",))
    tables = content.get("hook", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InvalidInput("hook must be tables: write [[hook]]", next_step=_EXAMPLE)
    entries = [_entry(number, table) for number, table in enumerate(tables, start=1)]
    _check_identities(entries)
    return entries


def _entry(number: int, table: Mapping[str, Any]) -> HookEntry:
    where = shown_entry(number, table.get("name"))
    check_names(where, table, _KEYS)
    is_active = table.get("active", True)
    if not isinstance(is_active, bool):
        raise InvalidInput(f"{where}: active must be true or false")
    return HookEntry(
        name=_text(where, "name", table.get("name")),
        url=_text(where, "url", table.get("url")),
        events=_events(where, table.get("events")),
        description=_text(where, "description", table.get("description", "")),
        is_active=is_active,
        headers=tuple(
            (name, _header_value(f"{where}: the header {plain(name, limit=80)}", value))
            for name, value in _table(where, "headers", table).items()
        ),
        filters=_filters(where, table),
        secret=_secret(where, table) if "secret" in table else None,
        hook_id=_text(where, "id", table["id"]) if "id" in table else None,
        number=number,
    )


def _text(where: str, key: str, value: object) -> str:
    if value is None:
        raise InvalidInput(f"{where}: {key} is missing", next_step=f'add {key} = "…"')
    if not isinstance(value, str):
        raise InvalidInput(f"{where}: {key} must be a string, in quotes")
    return value


def _events(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidInput(
            f"{where}: events must be a list of event types",
            next_step='such as events = ["user.lifecycle.create"]',
        )
    return tuple(value)


def _table(where: str, key: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise InvalidInput(f"{where}: {key} must be a table: write [hook.{key}]")
    return found


def _header_value(where: str, value: object) -> str | FromVariable:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise InvalidInput(f'{where} must be a string, or {{ variable = "…" }}')
    check_names(where, value, ("variable",))
    return FromVariable(_variable(where, value.get("variable")))


def _filters(where: str, table: Mapping[str, Any]) -> HeaderPairs:
    filters = _table(where, "filters", table)
    for event_type, expression in filters.items():
        if not isinstance(expression, str):
            raise InvalidInput(
                f"{where}: the filter for {plain(event_type, limit=80)} must be a string",
                next_step="put the event type in quotes, too, and the expression after ="
                if isinstance(expression, dict)
                else None,
            )
    return tuple(filters.items())


def _secret(where: str, table: Mapping[str, Any]) -> SecretEntry:
    secret = table["secret"]
    if not isinstance(secret, dict):
        raise InvalidInput(
            f"{where}: secret must be a table without the secret itself",
            next_step='write secret = { header = "Authorization" }, and set the value in'
            f" {SECRET_VARIABLE}",
        )
    check_names(f"{where}: secret", secret, ("header", "variable"))
    header = _text(f"{where}: secret", "header", secret.get("header"))
    if "variable" not in secret:
        return SecretEntry(header)
    return SecretEntry(header, _variable(f"{where}: secret", secret["variable"]))


def _variable(where: str, value: object) -> str:
    name = _text(where, "variable", value)
    if name == SETTINGS_OWN:
        raise InvalidInput(
            f"{where}: {name} is a setting, and names a file",
            next_step="name another variable, or leave it out to use the secret of the settings",
        )
    if not _VARIABLE.fullmatch(name):
        raise InvalidInput(
            f"{where}: {plain(name, limit=80)} is not a variable that a file can name",
            why=f"its name must start with {SECRET_VARIABLE}, so that the file cannot send another"
            " variable to its URL",
        )
    return name


def _check_identities(entries: list[HookEntry]) -> None:
    """Refuse two entries for one hook."""
    ids = Counter(entry.hook_id for entry in entries if entry.hook_id is not None)
    for hook_id, count in ids.items():
        if count > 1:
            raise InvalidInput(f"{count} hooks have the id {plain(hook_id, limit=80)}")
    names = Counter(entry.name for entry in entries)
    for entry in entries:
        if names[entry.name] > 1 and entry.hook_id is None:
            raise InvalidInput(
                f"{names[entry.name]} hooks are called {plain(entry.name, limit=80)}",
                next_step='give each another name, or the id of its hook: id = "who…"',
            )

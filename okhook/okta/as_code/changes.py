"""Compare a hook in a file with the one that the org has. Pure."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from okhook.errors import ConfigurationError
from okhook.okta.as_code.entry import FromVariable, HookEntry, ResolvedEntry
from okhook.okta.event_hooks import EventHook, HeaderPairs, WantedHook, differences
from okhook.secret import HIDDEN, Secret, may_carry_credential
from okhook.text import plain
from okhook.wire.url import without_credentials

Wrote = Callable[[EventHook, Secret], bool | None]
"""Returns whether this machine wrote a secret into a hook; None if that is unknown."""


@dataclass(frozen=True, slots=True)
class PartChange:
    """What a part of a hook loses and gets. Both are empty where only a secret changes."""

    part: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def changes_of(entry: ResolvedEntry, existing: EventHook, wrote: Wrote) -> Iterator[PartChange]:
    """Yield what changes; the status last."""
    wanted, in_file = entry.wanted, entry.entry.secret
    if existing.auth_field is not None and in_file is None:
        raise _secret_lost(existing, existing.auth_field)
    hidden = _hidden(entry)
    before, after = _lists_of(existing, existing.auth_field, hidden), _lists_of_entry(entry)
    keeps_secret = entry.secret is None and _lower(existing.auth_field) == _lower(
        in_file.header if in_file else None
    )
    compared = replace(existing, auth_field=None) if keeps_secret else existing
    for part in differences(wanted, compared):
        had, gets = before[part], after[part]
        yield PartChange(
            part,
            tuple(each for each in had if each not in gets),
            tuple(each for each in gets if each not in had),
        )
    if entry.secret is not None and not wrote(existing, entry.secret.value):
        yield PartChange("secret")
    if existing.is_active != entry.entry.is_active:
        yield PartChange("status", (existing.status,), (_status(entry.entry),))


def parts_of(entry: ResolvedEntry) -> Iterator[PartChange]:
    """Yield the parts of a new hook, beside its name and its URL."""
    for part, added in _lists_of_entry(entry).items():
        if added and part not in ("name", "url"):
            yield PartChange(part, (), added)
    if not entry.entry.is_active:
        yield PartChange("status", (), (_status(entry.entry),))


def _lists_of_entry(entry: ResolvedEntry) -> dict[str, tuple[str, ...]]:
    secret = entry.entry.secret
    return _lists_of(entry.wanted, secret.header if secret else None, _hidden(entry))


def _lists_of(
    hook: EventHook | WantedHook, auth_field: str | None, hidden: Collection[str]
) -> dict[str, tuple[str, ...]]:
    return {
        "name": (hook.name,),
        "description": (hook.description,) if hook.description else (),
        "url": (without_credentials(hook.url),),
        "events": tuple(sorted(hook.events)),
        "filters": tuple(map("=".join, sorted(hook.filters))),
        "headers": tuple(_header_lines(hook.headers, hidden)),
        "auth field": (auth_field,) if auth_field else (),
    }


def _hidden(entry: ResolvedEntry) -> Collection[str]:
    """Return the names of headers whose values are secrets."""
    headers = entry.entry.headers
    return {name.lower() for name, value in headers if isinstance(value, FromVariable)}


def _header_lines(headers: HeaderPairs, hidden: Collection[str]) -> Iterator[str]:
    for name, value in headers:
        is_secret = name.lower() in hidden or may_carry_credential(name)
        yield f"{name}: {HIDDEN.decode() if is_secret else value}"


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _status(entry: HookEntry) -> str:
    return "ACTIVE" if entry.is_active else "INACTIVE"


def _secret_lost(existing: EventHook, field: str) -> ConfigurationError:
    return ConfigurationError(
        f"the hook {plain(existing.name, limit=80)} ({existing.id}) would lose its secret",
        why=f"it has one in the header {plain(field, limit=80)}, and the file has none",
        next_step=f'add secret = {{ header = "{plain(field, limit=80)}" }} to the file',
    )

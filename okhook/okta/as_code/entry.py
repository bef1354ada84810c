"""An event hook as a file describes it: whole, but with its secrets in variables. Their values."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from okhook.config.setting import Setting
from okhook.okta.event_hooks import EventHook, HeaderPairs, WantedHook
from okhook.secret import HookAuth, Secret, may_carry_credential
from okhook.text import plain

SECRET_VARIABLE = "OKHOOK_AUTH_SECRET"  # noqa: S105 - the name of a variable
"""The beginning of the names of all variables that a file may name.

Whoever wrote the file must not be able to send another variable to a URL of theirs.
"""

SETTINGS_OWN = f"{SECRET_VARIABLE}_FILE"
"""The only such variable that a file may not name: it is a setting, and contains a path."""

_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class FromVariable:
    """The value of an environment variable."""

    variable: str


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """The header that carries the hook's secret.

    ``variable`` None means the secret that the settings have.
    """

    header: str
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class HookEntry:
    """A complete event hook. If a field is empty, the hook does not have that part.

    ``hook_id`` is that of an existing hook, if its name does not identify it. ``number`` is the
    place of the entry in its file, from 1.
    """

    name: str
    url: str
    events: tuple[str, ...]
    description: str = ""
    is_active: bool = True
    headers: tuple[tuple[str, str | FromVariable], ...] = ()
    filters: HeaderPairs = ()
    secret: SecretEntry | None = None
    hook_id: str | None = None
    number: int = field(default=0, compare=False)

    @property
    def shown(self) -> str:
        """The entry as an error names it: ``hook 2 (my hook)``."""
        return shown_entry(self.number, self.name)

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it names."""
        of_secret = self.secret.variable if self.secret else None
        of_headers = [each.variable for _, each in self.headers if isinstance(each, FromVariable)]
        return tuple(filter(None, (of_secret, *of_headers)))


def shown_entry(number: int, name: object) -> str:
    """Return how an error names an entry, which may have no valid name."""
    named = f" ({plain(name, limit=80)})" if name and isinstance(name, str) else ""
    return f"hook {number}{named}"


def entries_of(hooks: Sequence[EventHook]) -> list[HookEntry]:
    """Return the entries of hooks that an org has.

    A variable stands for each value that is or may be a secret. If only one hook has a secret, it
    is that of the settings.
    """
    have_secrets = sum(hook.auth_field is not None for hook in hooks)
    names = [hook.name for hook in hooks]
    distinct = labels(names, but=("file",))  # as SETTINGS_OWN would be named
    return [
        _entry(hook, label.upper(), own_variable=have_secrets > 1, twin=names.count(hook.name) > 1)
        for hook, label in zip(hooks, distinct, strict=True)
    ]


def labels(names: Sequence[str], *, but: Iterable[str] = ()) -> list[str]:
    """Return a distinct identifier of letters, digits and ``_`` for each name, none of ``but``."""
    taken = set(but)
    found = []
    for name in names:
        label = beginning = _label(name)
        number = 1
        while label in taken:
            number += 1
            label = f"{beginning}_{number}"
        taken.add(label)
        found.append(label)
    return found


def _entry(hook: EventHook, label: str, *, own_variable: bool, twin: bool) -> HookEntry:
    own = f"{SECRET_VARIABLE}_{label}"
    secret = None
    if hook.auth_field is not None:
        secret = SecretEntry(hook.auth_field, own if own_variable else None)
    in_variables = [name for name in dict(hook.headers) if may_carry_credential(name)]
    variables = {
        name: FromVariable(f"{own}__{suffix.upper()}")
        for name, suffix in zip(in_variables, labels(in_variables), strict=True)
    }
    return HookEntry(
        name=hook.name,
        url=hook.url,
        events=tuple(sorted(hook.events)),
        description=hook.description or "",
        is_active=hook.is_active,
        headers=tuple(
            (name, variables.get(name, value)) for name, value in dict(hook.headers).items()
        ),
        filters=tuple(dict(sorted(hook.filters)).items()),
        secret=secret,
        hook_id=hook.id if twin else None,
    )


def _label(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    label = re.sub(r"[^a-z0-9]+", "_", ascii_only)[:_LONGEST_NAME].strip("_")
    return label if label[:1].isalpha() else f"hook_{label}".rstrip("_")


@dataclass(frozen=True, slots=True)
class GivenSecrets:
    """The secret of the settings, and the variables of the file that are set."""

    of_settings: Setting[HookAuth] | None
    variables: Mapping[str, Secret]

    @property
    def all(self) -> tuple[Secret, ...]:
        """Every value, to redact it."""
        own = (self.of_settings.value.secret,) if self.of_settings else ()
        return (*own, *self.variables.values())

    def of_hook(self, secret: SecretEntry) -> Setting[Secret] | None:
        """Return the value for a hook and its origin, or None if it is not set."""
        if secret.variable is None:
            own = self.of_settings
            return None if own is None else Setting(own.value.secret, own.origin)
        value = self.variables.get(secret.variable)
        return None if value is None else Setting(value, secret.variable)


@dataclass(frozen=True, slots=True)
class ResolvedEntry:
    """A hook with the values of its variables.

    Without ``secret``, a hook that has one in the same header keeps it. ``unset`` are variables of
    headers that are needed. ``sent_from`` are the origins of all values.
    """

    entry: HookEntry
    wanted: WantedHook
    secret: Setting[Secret] | None
    unset: tuple[str, ...]
    sent_from: tuple[str, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """The variables that must be set before the hook can be written."""
        in_file = self.entry.secret
        if in_file is None or self.secret is not None:
            return self.unset
        return (in_file.variable or SECRET_VARIABLE, *self.unset)


def resolved(entry: HookEntry, existing: EventHook | None, given: GivenSecrets) -> ResolvedEntry:
    """Return ``entry`` with values; a header whose variable is not set keeps the one it has."""
    secret = given.of_hook(entry.secret) if entry.secret else None
    auth = HookAuth(entry.secret.header, secret.value) if entry.secret and secret else None
    had = existing.headers if existing else ()
    present = {name.lower(): value for name, value in had} | dict(had)
    headers: list[tuple[str, str]] = []
    unset, sent_from = [], [secret.origin] if secret else []
    for name, value in entry.headers:
        if isinstance(value, str):
            headers.append((name, value))
        elif set_to := given.variables.get(value.variable):
            sent_from.append(value.variable)
            headers.append((name, set_to.reveal()))
        else:
            kept = present.get(name, present.get(name.lower()))
            headers.append((name, kept or ""))
            unset += [value.variable] if kept is None else []
    wanted = WantedHook(
        name=entry.name,
        url=entry.url,
        events=tuple(dict.fromkeys(entry.events)),
        description=entry.description,
        headers=tuple(headers),
        auth=auth,
        filters=entry.filters,
    )
    return ResolvedEntry(entry, wanted, secret, tuple(unset), tuple(sent_from))

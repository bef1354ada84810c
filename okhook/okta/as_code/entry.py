"""An event hook as a file describes it: whole, but with its secrets in variables."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from okhook.okta.event_hooks import EventHook, HeaderPairs
from okhook.secret import may_carry_credential

SECRET_VARIABLE = "OKHOOK_AUTH_SECRET"  # noqa: S105 - the name of a variable
"""The beginning of the names of all variables that a file may name.

Whoever wrote the file must not be able to send another variable to a URL of theirs.
"""

SETTINGS_OWN = f"{SECRET_VARIABLE}_FILE"
"""A variable with this beginning that names a file, and stands for no hook."""

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

    ``hook_id`` is that of an existing hook, if its name does not identify it.
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

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it names."""
        return tuple(self._variables())

    def _variables(self) -> Iterator[str]:
        if self.secret is not None and self.secret.variable is not None:
            yield self.secret.variable
        for _, value in self.headers:
            if isinstance(value, FromVariable):
                yield value.variable


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

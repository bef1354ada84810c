"""The values of the variables that a file names, and what each hook gets of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from okhook.config.setting import Setting
from okhook.okta.as_code.entry import SECRET_VARIABLE, HookEntry, SecretEntry
from okhook.okta.event_hooks import EventHook, WantedHook
from okhook.secret import HookAuth, Secret


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
    present = {name.lower(): value for name, value in existing.headers} if existing else {}
    headers: list[tuple[str, str]] = []
    unset, sent_from = [], [secret.origin] if secret else []
    for name, value in entry.headers:
        if isinstance(value, str):
            headers.append((name, value))
        elif set_to := given.variables.get(value.variable):
            sent_from.append(value.variable)
            headers.append((name, set_to.reveal()))
        else:
            headers.append((name, present.get(name.lower(), "")))
            unset += [] if name.lower() in present else [value.variable]
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

"""Apply changes to the definition of an existing event hook. Pure.

Okta replaces the whole definition, so an edit starts from the one that the org has. The org never
returns the secret.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from okhook.errors import ConfigurationError, InvalidInput
from okhook.okta.event_hooks import EventHook, HeaderPairs, WantedHook
from okhook.secret import HookAuth
from okhook.text import plain
from okhook.wire.event_types import meant

_LIMIT = 80


@dataclass(frozen=True, slots=True)
class ListEdit:
    """A change of a list of pairs; event types have an empty value.

    ``all`` replaces the whole list. ``add`` replaces a pair with the same key. ``remove`` has keys.
    """

    all: HeaderPairs | None = None
    add: HeaderPairs = ()
    remove: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return self.all is None and not self.add and not self.remove


@dataclass(frozen=True, slots=True)
class HookEdit:
    """The changes of a hook. None keeps a part; an empty ``description`` removes it."""

    name: str | None = None
    url: str | None = None
    description: str | None = None
    events: ListEdit = ListEdit()
    headers: ListEdit = ListEdit()
    filters: ListEdit = ListEdit()

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        texts = (self.name, self.url, self.description)
        return all(text is None for text in texts) and all(edit.is_empty for _, edit in self.lists)

    @property
    def lists(self) -> tuple[tuple[str, ListEdit], ...]:
        """The changes of lists, each with the noun in its flags."""
        return ("event", self.events), ("header", self.headers), ("filter", self.filters)


def edited(existing: EventHook, edit: HookEdit, auth: HookAuth | None) -> WantedHook:
    """Return the whole definition after ``edit``; a removed event type loses its filter.

    Raises InvalidInput if a list is both replaced and changed, and ConfigurationError if the hook
    has a secret and ``auth`` is None.
    """
    for word, change in edit.lists:
        if change.all is not None and (change.add or change.remove):
            raise InvalidInput(f"cannot combine --{word} with --add-{word} or --remove-{word}")
    if existing.auth_field is not None and auth is None:
        raise secret_needed(existing, existing.auth_field)
    here = _lists_of(existing)
    events = [event_type for event_type, _ in _changed(here["event"], edit.events)]
    dropped = existing.events - set(events)
    filters = _changed(here["filter"], edit.filters)
    return WantedHook(
        name=existing.name if edit.name is None else edit.name,
        url=existing.url if edit.url is None else edit.url,
        events=tuple(events),
        description=edit.description,
        headers=_changed(here["header"], edit.headers),
        auth=auth,
        filters=tuple(pair for pair in filters if pair[0] not in dropped),
    )


def not_there(existing: EventHook, edit: HookEdit) -> Iterator[str]:
    """Yield a warning for each entry that ``edit`` removes and the hook does not have."""
    here = _lists_of(existing)
    for word, change in edit.lists:
        known = {key.lower() for key, _ in here[word]}
        for key in change.remove:
            if key.lower() not in known:
                near = meant(key) if word == "event" else ""
                yield f"the hook has no {word} {plain(key, limit=_LIMIT)}{near and f'; {near}'}"


def _lists_of(existing: EventHook) -> dict[str, HeaderPairs]:
    return {
        "event": tuple((event_type, "") for event_type in sorted(existing.events)),
        "header": existing.headers,
        "filter": tuple(sorted(existing.filters)),
    }


def _changed(here: HeaderPairs, edit: ListEdit) -> HeaderPairs:
    """Return the list after the change; case does not matter in keys."""
    if edit.all is not None:
        return edit.all
    added = {key.lower() for key, _ in edit.add}
    gone = added | {key.lower() for key in edit.remove}
    return (*(pair for pair in here if pair[0].lower() not in gone), *edit.add)


def secret_needed(existing: EventHook, field: str) -> ConfigurationError:
    """Return the error for a change without the secret, which the hook sends in ``field``."""
    return ConfigurationError(
        f"the secret of the event hook {plain(existing.name, limit=_LIMIT)} ({existing.id})"
        " is not set",
        why="a change replaces the whole hook, and Okta does not return the secret in the header"
        f" {plain(field, limit=_LIMIT)}: without it the hook would lose its secret",
        next_step="set OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH, or use --auth-secret-file;"
        " if the secret is lost, set a new secret for this command and for the endpoint",
    )


def pairs_of(
    texts: Sequence[str] | None, flag: str, *, separator: str = ":", form: str = "Name: value"
) -> HeaderPairs:
    """Return the pairs in the values of ``flag``, such as ``X-Stage: test``.

    Raises InvalidInput without a separator. The error has no value: it may be a secret.
    """
    for text in texts or ():
        if separator not in text:
            raise InvalidInput(f"invalid {flag} value: expected '{form}'")
    split = (text.partition(separator) for text in texts or ())
    return tuple((key.strip(), value.strip()) for key, _, value in split)


def filters_of(texts: Sequence[str] | None, flag: str = "--filter") -> HeaderPairs:
    """Return the filters in the values of ``flag``, such as ``user.x=event.actor…``."""
    return pairs_of(texts, flag, separator="=", form="TYPE=EXPRESSION")

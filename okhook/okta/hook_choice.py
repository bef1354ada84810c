"""Find one of an org's event hooks by its id or its name. Pure."""

import difflib
from collections.abc import Sequence

from okhook.errors import InvalidInput
from okhook.okta.event_hooks import EventHook
from okhook.okta.redaction import Hush
from okhook.okta.refusals import NotFound
from okhook.text import plain
from okhook.wire.org import Org

_SHOWN = 10
_LIMIT = 80


def chosen(named: str, hooks: Sequence[EventHook], org: Org, hush: Hush) -> EventHook:
    """Return the hook with that id, else the only one with that name.

    Raises:
        InvalidInput: several hooks have that name.
        NotFound: no hook has that id or name.
    """
    for hook in hooks:
        if hook.id == named:
            return hook
    called = [hook for hook in hooks if hook.name == named]
    if len(called) == 1:
        return called[0]
    if called:
        raise several_called(named, called, org, hush)
    raise NotFound(
        f"{org.host} has no event hook {plain(named, limit=_LIMIT)}",
        why=_listed(_near(named, hooks), hush) or None,
        next_step="pass one of these ids or names" if hooks else "create one: run okhook register",
    )


def several_called(
    name: str, hooks: Sequence[EventHook], org: Org, hush: Hush, flag: str | None = None
) -> InvalidInput:
    """Return the error for a name that several hooks have: Okta allows that."""
    return InvalidInput(
        f"{org.host} has {len(hooks)} event hooks called {plain(name, limit=_LIMIT)}",
        why=_listed(hooks, hush),
        next_step=f"pass the hook's id with {flag}" if flag else "pass the hook's id",
    )


def _near(named: str, hooks: Sequence[EventHook]) -> Sequence[EventHook]:
    texts = [text for hook in hooks for text in (hook.id, hook.name)]
    near = difflib.get_close_matches(named, texts, n=_SHOWN)
    return [hook for hook in hooks if hook.id in near or hook.name in near] or hooks


def _listed(hooks: Sequence[EventHook], hush: Hush) -> str:
    lines = [
        "  ".join(
            (
                plain(hook.id),
                plain(hush(hook.name), limit=_LIMIT),
                plain(hook.status, limit=20),
                plain(hush(hook.url), limit=_LIMIT),
            )
        )
        for hook in hooks[:_SHOWN]
    ]
    more = len(hooks) - _SHOWN
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)

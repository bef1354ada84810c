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
    """Return the hook whose id is ``named``, else the only one that is called so.

    Okta does not say that names are unique, so nothing is assumed about them.

    Raises:
        InvalidInput: several hooks have that name; the error lists them.
        NotFound: no hook has it; the error lists those with similar names, or all.
    """
    for hook in hooks:
        if hook.id == named:
            return hook
    called = [hook for hook in hooks if hook.name == named]
    if len(called) == 1:
        return called[0]
    shown = plain(named, limit=_LIMIT)
    if called:
        raise InvalidInput(
            f"{org.host} has {len(called)} event hooks called {shown}",
            why=_listed(called, hush),
            next_step="name the one that is meant by its id",
        )
    raise NotFound(
        f"{org.host} has no event hook {shown}",
        why=_listed(_near(named, hooks), hush) or None,
        next_step="name one of these by id or name" if hooks else "make one: okhook register",
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

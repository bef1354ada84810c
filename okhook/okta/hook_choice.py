"""Find an event hook, the ``okhook up`` that uses it, and the URL for a new one."""

import difflib
from collections.abc import Sequence

from okhook.errors import ConfigurationError, InvalidInput
from okhook.okta.answers import Redact
from okhook.okta.auth.access import is_address_of
from okhook.okta.event_hooks import EventHook
from okhook.okta.refusals import NotFound
from okhook.runtime.run_files import UpRun
from okhook.runtime.running_here import RunningHere
from okhook.text import plain
from okhook.wire.org import Org

_SHOWN = 10
_LIMIT = 80


def chosen(named: str, hooks: Sequence[EventHook], org: Org, redact: Redact) -> EventHook:
    """Return the hook with that id, else the only one with that name.

    Raises InvalidInput if several hooks have that name, and NotFound if none has it.
    """
    called = [hook for hook in hooks if hook.id == named]
    called = called or [hook for hook in hooks if hook.name == named]
    if len(called) > 1:
        raise several_called(named, called, org, redact)
    if called:
        return called[0]
    near = _near(named, hooks)
    pick = "did you mean this one?" if len(near) == 1 else "pass one of these ids or names"
    raise NotFound(
        f"{org.host} has no event hook {plain(named, limit=_LIMIT)}",
        why=_listed(near or hooks, redact) or None,
        next_step=pick if hooks else "create one: run okhook register",
    )


def several_called(
    name: str, hooks: Sequence[EventHook], org: Org, redact: Redact, flag: str | None = None
) -> InvalidInput:
    """Return the error for a name that several hooks have: Okta allows that."""
    return InvalidInput(
        f"{org.host} has {len(hooks)} event hooks called {plain(name, limit=_LIMIT)}",
        why=_listed(hooks, redact),
        next_step=f"pass the hook's id with {flag}" if flag else "pass the hook's id",
    )


def _near(named: str, hooks: Sequence[EventHook]) -> Sequence[EventHook]:
    texts = [text for hook in hooks for text in (hook.id, hook.name)]
    near = difflib.get_close_matches(named, texts, n=_SHOWN)
    return [hook for hook in hooks if hook.id in near or hook.name in near]


def _listed(hooks: Sequence[EventHook], redact: Redact) -> str:
    lines = [
        "  ".join(
            plain(redact(text), limit=_LIMIT)
            for text in (hook.id, hook.name, hook.status, hook.url)
        )
        for hook in hooks[:_SHOWN]
    ]
    more = len(hooks) - _SHOWN
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def holder_of(hook: EventHook, org: Org, running: RunningHere) -> UpRun | None:
    """Return the running ``okhook up`` that uses ``hook``.

    A run file names only a hook that its process will deactivate. Any other hook is found by its
    URL, which is that of a receiver or a tunnel of the same process.
    """
    for up in running.ups:
        is_its_hook = hook.id == up.hook_id if up.hook_id else hook.url in running.urls_of(up)
        if is_its_hook and is_address_of(org, up.org):
            return up
    return None


def up_called_at(url: str, running: RunningHere) -> UpRun | None:
    """Return the running ``okhook up`` whose receiver answers at ``url`` and asks for a secret."""
    for up in running.ups:
        own = [each for each in running.receivers if each.pid == up.pid]
        is_called = url in (*running.urls_of(up), up.webhook_url)
        if is_called and any(each.asks_for_secret for each in own):
            return up
    return None


def hook_in_use(
    org: Org, up: UpRun, *, why: str | None = None, next_step: str
) -> ConfigurationError:
    """Return the error for a command that must not change the hook that ``up`` uses."""
    return ConfigurationError(
        f"a running okhook up uses this hook of {org.host} (process {up.pid})",
        why=why,
        next_step=next_step,
    )


def url_here(org: Org, running: RunningHere, usual: str) -> str:
    """Return the webhook URL of the running tunnel.

    Without a tunnel, an org on this machine can call the running receiver. ``usual`` is the
    receiver's default URL. Raises InvalidInput if no tunnel or receiver runs, or several do.
    """
    if running.webhook_urls or not org.is_loopback:
        return _the_one("tunnel", running.webhook_urls, "--url", "okhook tunnel")
    return _the_one("receiver", running.receiver_urls, f"--url {usual}", "okhook serve")


def _the_one(noun: str, urls: Sequence[str], how_to_name: str, how_to_start: str) -> str:
    if len(urls) == 1:
        return urls[0]
    if urls:
        raise InvalidInput(
            f"{len(urls)} {noun}s are running",
            why="\n".join(plain(url, limit=200) for url in urls),
            next_step="choose one with --url",
        )
    raise InvalidInput(
        f"no {noun} is running, and --url is not set",
        next_step=f"pass {how_to_name}, or in another terminal run {how_to_start}",
    )

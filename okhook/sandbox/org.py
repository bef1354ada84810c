"""The org for the endpoints and the dispatcher: its state, its System Log, and what it calls."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import final

from okhook.activity import Activity
from okhook.http.client import HttpClient
from okhook.sandbox.hook_filters import HookFilters
from okhook.sandbox.hooks import subscribed_to
from okhook.sandbox.log_entries import (
    Cause,
    Happening,
    app_party,
    hook_event,
    log_entry,
    party,
    user_party,
    with_hook_ids,
)
from okhook.sandbox.state import Json, OrgState
from okhook.sandbox.system_log import SystemLog

Outgoing = tuple[Sequence[str], Json]
"""The ids of the hooks that receive an event, and the event in the shape of a delivery."""


@final
@dataclass
class Org:
    """An org at ``url``; ``client`` calls its hooks.

    ``publish`` takes activities, ``send`` takes events for hooks, and ``changed`` is called after
    each change. None of the three may wait. ``now`` returns aware UTC.
    """

    url: str
    state: OrgState
    log: SystemLog
    _: KW_ONLY
    client: HttpClient
    publish: Callable[[Activity], None]
    now: Callable[[], datetime]
    send: Callable[[Outgoing], None]
    changed: Callable[[], None]

    def __post_init__(self) -> None:
        self._filters = HookFilters(self.publish, self.now)

    def record(self, happening: Happening) -> None:
        """Log an event, and send it to the hooks that are subscribed to it and whose filters pass.

        Call it after each change of the state.
        """
        now = self.now()
        # Whole milliseconds, as in the entry: a query by the entry's time finds it.
        published = now.replace(microsecond=now.microsecond // 1000 * 1000)
        actor = self._actor(happening.cause)
        entry = log_entry(happening, uuid=str(uuid.uuid4()), published=published, actor=actor)
        subscribed = subscribed_to(self.state, happening.event_type)
        hook_ids = self._filters.passed(subscribed, hook_event(entry))
        entry = with_hook_ids(entry, hook_ids)
        self.log.append(published, entry)
        self.changed()
        if hook_ids:
            self.send((hook_ids, hook_event(entry)))

    def _actor(self, cause: Cause | None) -> dict[str, str | None]:
        if cause is None:
            return party("SystemPrincipal", "system", "system@okta.com", "Okta System")
        if cause.client_id is not None:
            return app_party(cause.client_id)
        return user_party(self.state.admin)


def new_request_id() -> str:
    """Return the id of a request as Okta writes it: 32 hexadecimal digits."""
    return uuid.uuid4().hex

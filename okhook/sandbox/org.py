"""The org for the endpoints and the dispatcher: its state, its System Log, and what it calls."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import Any

from okhook.activity import Activity
from okhook.filter_language.parser import NotUnderstood
from okhook.http.client import HttpClient
from okhook.sandbox.activities import HookFilterNotUnderstood
from okhook.sandbox.hooks import filters_of, parsed_filter, subscribed_to
from okhook.sandbox.log_entries import (
    Cause,
    LogEvent,
    hook_event,
    log_entry,
    user_party,
    with_hook_ids,
)
from okhook.sandbox.state import Json, OrgState
from okhook.sandbox.system_log import SystemLog
from okhook.wire.samples.sample import party

Outgoing = tuple[Sequence[str], Json]
"""The ids of the hooks that receive an event, and the event in the shape of a delivery."""


@dataclass
class Org:
    """An org at ``url``; ``client`` calls its hooks, and waits for ``answer_within_s``.

    ``publish`` takes activities, ``send`` takes events for hooks, and ``changed`` is called after
    each change. None of the three may wait. ``now`` returns aware UTC.
    """

    url: str
    state: OrgState
    log: SystemLog
    _: KW_ONLY
    client: HttpClient
    answer_within_s: float
    publish: Callable[[Activity], None]
    now: Callable[[], datetime]
    send: Callable[[Outgoing], None]
    changed: Callable[[], None]

    _reported_filters: set[tuple[str, str]] = field(default_factory=set, init=False)

    def record(self, event: LogEvent) -> None:
        """Log an event, and send it to the hooks that are subscribed to it and whose filters pass.

        Call it after each change of the state.
        """
        now = self.now()
        # Whole milliseconds, as in the entry: a query by the entry's time finds it.
        published = now.replace(microsecond=now.microsecond // 1000 * 1000)
        actor = event.actor or self._actor(event.cause)
        entry = log_entry(event, uuid=str(uuid.uuid4()), published=published, actor=actor)
        hook_ids = [
            hook["id"]
            for hook in subscribed_to(self.state, event.event_type)
            if self._passes_filters(hook, hook_event(entry))
        ]
        entry = with_hook_ids(entry, hook_ids)
        self.log.append(published, entry)
        self.changed()
        if hook_ids:
            self.send((hook_ids, hook_event(entry)))

    def _passes_filters(self, hook: Json, event: Json) -> bool:
        """Tell whether a hook's filters let the event pass.

        Okta's evaluation is not known in every detail, so a filter that the sandbox does not
        understand lets the event pass; an activity reports it, once per hook.
        """
        hook_id, event_type = hook["id"], event["eventType"]
        for filtered_type, expression in filters_of(hook):
            if filtered_type != event_type:
                continue
            try:
                if not parsed_filter(expression)(event):
                    return False
            except NotUnderstood as error:
                if (hook_id, expression) not in self._reported_filters:
                    self._reported_filters.add((hook_id, expression))
                    self.publish(
                        HookFilterNotUnderstood(
                            self.now(), hook_id, event_type, expression, str(error)
                        )
                    )
        return True

    def _actor(self, cause: Cause | None) -> Mapping[str, Any]:
        if cause is None:
            return party("SystemPrincipal", "system", "system@okta.com", "Okta System")
        if cause.client_id is not None:
            # The name of a service app in Okta's log is not known.
            return party("PublicClientApp", *[cause.client_id] * 3)
        return user_party(self.state.admin)


def new_request_id() -> str:
    """Return the id of a request as Okta writes it: 32 hexadecimal digits."""
    return uuid.uuid4().hex

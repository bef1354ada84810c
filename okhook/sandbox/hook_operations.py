"""What can be done with event hooks: the eight operations, each with its entry in the log."""

import secrets
from typing import final

from okhook.sandbox.activities import HookVerification
from okhook.sandbox.dispatcher import auth_header, failure_of
from okhook.sandbox.hook_draft import hook_draft
from okhook.sandbox.hooks import EventHook
from okhook.sandbox.json_fields import JsonObject
from okhook.sandbox.log_entries import Cause, Happening, hook_party
from okhook.sandbox.recorder import Recorder
from okhook.sandbox.refusals import hook_not_verified, invalid
from okhook.sandbox.state import OrgState
from okhook.sandbox.surroundings import Surroundings
from okhook.wire.hook_call import HookCall, verification_headers, verify
from okhook.wire.verification import echo_of

_FORGOTTEN = "the restart has lost its secret: register it again"


@final
class HookOperations:
    """Changes hooks, and records what it changed. All raise ``ApiRefusal`` where Okta would."""

    def __init__(
        self,
        *,
        state: OrgState,
        recorder: Recorder,
        around: Surroundings,
    ) -> None:
        self._state = state
        self._recorder = recorder
        self._around = around

    def all(self) -> list[EventHook]:
        """Return every hook."""
        return self._state.hooks()

    def get(self, hook_id: str) -> EventHook:
        """Return one hook."""
        return self._state.hook(hook_id)

    def create(self, body: JsonObject, cause: Cause) -> EventHook:
        """Register a hook."""
        hook = self._state.create_hook(
            hook_draft(body), self._around.ids.okta("who"), self._around.now()
        )
        return self._recorded("event_hook.created", hook, cause)

    def replace(self, hook_id: str, body: JsonObject, cause: Cause) -> EventHook:
        """Replace what is registered."""
        draft = hook_draft(body, self._state.hook(hook_id).draft)
        hook = self._state.replace_hook(hook_id, draft, self._around.now())
        return self._recorded("event_hook.updated", hook, cause)

    def delete(self, hook_id: str, cause: Cause) -> None:
        """Delete a hook that is INACTIVE."""
        hook = self._state.delete_hook(hook_id)
        self._recorded("event_hook.deleted", hook, cause)

    def activate(self, hook_id: str, cause: Cause) -> EventHook:
        """Make a hook ACTIVE."""
        before = self._state.hook(hook_id)
        hook = self._state.activate_hook(hook_id, self._around.now())
        return hook if hook is before else self._recorded("event_hook.activated", hook, cause)

    def deactivate(self, hook_id: str, cause: Cause) -> EventHook:
        """Make a hook INACTIVE."""
        before = self._state.hook(hook_id)
        hook = self._state.deactivate_hook(hook_id, self._around.now())
        return hook if hook is before else self._recorded("event_hook.deactivated", hook, cause)

    async def verify(self, hook_id: str, cause: Cause) -> EventHook:
        """Send the verification challenge; the hook is VERIFIED when it comes back.

        The channel may be replaced while its answer is awaited: the answer then proves nothing
        about the new one.
        """
        asked = self._state.hook(hook_id)
        if not asked.active:
            raise invalid("eventHook", "status: an INACTIVE event hook cannot be verified")
        reason = await self._challenge(asked)
        verified = None
        if reason is None:
            verified = self._state.verify_hook(hook_id, asked.draft.channel, self._around.now())
            if verified is None:
                reason = "the event hook was changed meanwhile"
        if verified is None:
            target = (hook_party(asked),)
            self._recorder.record(Happening("event_hook.verified", target, cause, reason))
            raise hook_not_verified(asked.draft.name)
        return self._recorded("event_hook.verified", verified, cause)

    async def _challenge(self, hook: EventHook) -> str | None:
        """Send the challenge and return why it failed, or None."""
        channel = hook.draft.channel
        if hook.lacks_secret:
            self._around.publish(
                HookVerification(self._around.now(), hook.id, channel.uri, 0, _FORGOTTEN)
            )
            return _FORGOTTEN
        challenge = secrets.token_urlsafe(30)
        request_id = self._around.new_request_id()
        headers = verification_headers(challenge, request_id, auth_header(channel), channel.headers)
        call = await verify(self._around.client, channel.uri, headers)
        reason = _verification_failure(call, challenge)
        self._around.publish(
            HookVerification(self._around.now(), hook.id, channel.uri, len(call.attempts), reason)
        )
        return reason

    def _recorded(self, event_type: str, hook: EventHook, cause: Cause) -> EventHook:
        self._recorder.record(Happening(event_type, (hook_party(hook),), cause))
        return hook


def _verification_failure(call: HookCall, challenge: str) -> str | None:
    reason = failure_of(call)
    answer = call.last.answer
    if reason is not None or answer is None:
        return reason
    if answer.status != 200:
        return f"answered {answer.status} instead of 200"
    return None if echo_of(answer.body) == challenge else "the answer does not echo the challenge"

"""The Event Hooks Management API: ``/api/v1/eventHooks``, all eight operations.

An answer has the shape of Okta's API reference: without the secret, an absent ``filter`` or
``description`` as null, times in whole seconds.
"""

import secrets
from functools import partial

from starlette.responses import Response

from okhook.filter_language.parser import NotUnderstood
from okhook.runtime.ids import new_okta_id
from okhook.sandbox import hooks
from okhook.sandbox.activities import HookVerification
from okhook.sandbox.call import Call, Endpoint, json_answer
from okhook.sandbox.dispatcher import failure_of
from okhook.sandbox.hook_body import Channel, read_hook
from okhook.sandbox.log_entries import LogEvent, hook_party
from okhook.sandbox.org import Org, new_request_id
from okhook.sandbox.refusals import hook_not_verified, invalid
from okhook.sandbox.state import Json
from okhook.wire.delivery import echo_of, hook_source
from okhook.wire.hook_call import HookCall, verification_headers, verify

FILTER_HEADER = "X-Okhook-Filter"
"""In answers with a hook whose filter the sandbox cannot parse."""

_STATUS_EVENTS = {"ACTIVE": "event_hook.activated", "INACTIVE": "event_hook.deactivated"}
_SECRET_LOST = "the restart lost its secret: register it again"  # noqa: S105 - a reason


async def _list_hooks(call: Call) -> Response:
    return json_answer([_with_links(hook, call.org) for hook in call.org.state.hooks.values()])


async def _create_hook(call: Call) -> Response:
    draft = read_hook(await call.json_object())
    hook = hooks.create_hook(call.org.state, draft, new_okta_id("who"), call.org.now())
    return _recorded(call, "event_hook.created", hook)


async def _get_hook(call: Call) -> Response:
    return _answer(call, _hook(call))


async def _replace_hook(call: Call) -> Response:
    body = await call.json_object()
    state, hook = call.org.state, _hook(call)
    draft = read_hook(body, hooks.channel_of(state, hook))
    replaced = hooks.replace_hook(state, hook["id"], draft, call.org.now())
    call.record("event_hook.updated", hook_party(replaced))
    if replaced["status"] != hook["status"]:
        call.record(_STATUS_EVENTS[replaced["status"]], hook_party(replaced))
    return _answer(call, replaced)


async def _delete_hook(call: Call) -> Response:
    hook = hooks.delete_hook(call.org.state, call.path_params["hook_id"])
    call.record("event_hook.deleted", hook_party(hook))
    return Response(status_code=204)


async def _change_status(status: str, call: Call) -> Response:
    """Change a hook's status; a call that changes nothing causes no event."""
    before = _hook(call)
    hook = hooks.set_status(call.org.state, before["id"], status, call.org.now())
    return _answer(call, hook) if hook is before else _recorded(call, _STATUS_EVENTS[status], hook)


async def _verify_hook(call: Call) -> Response:
    """Send the verification challenge; a hook that echoes it is VERIFIED.

    If a client replaces the channel in the meantime, the answer proves nothing about the new one.
    """
    org, hook = call.org, _hook(call)
    if hook["status"] != "ACTIVE":
        raise invalid("eventHook", "status: an INACTIVE event hook cannot be verified")
    channel = hooks.channel_of(org.state, hook)
    failure = await _challenge(org, hook, channel)
    if failure is None:
        verified = hooks.verify_hook(org.state, hook["id"], channel, org.now())
        if verified is not None:
            return _recorded(call, "event_hook.verified", verified)
        failure = "the event hook was changed in the meantime"
    org.record(LogEvent("event_hook.verified", (hook_party(hook),), call.cause, failure))
    raise hook_not_verified(hook["name"])


_HOOKS = "/api/v1/eventHooks"
_HOOK = f"{_HOOKS}/{{hook_id}}"

ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", _HOOKS, _list_hooks),
    ("POST", _HOOKS, _create_hook),
    ("GET", _HOOK, _get_hook),
    ("PUT", _HOOK, _replace_hook),
    ("DELETE", _HOOK, _delete_hook),
    ("POST", f"{_HOOK}/lifecycle/activate", partial(_change_status, "ACTIVE")),
    ("POST", f"{_HOOK}/lifecycle/deactivate", partial(_change_status, "INACTIVE")),
    ("POST", f"{_HOOK}/lifecycle/verify", _verify_hook),
)


def _hook(call: Call) -> Json:
    return call.org.state.hook(call.path_params["hook_id"])


def _recorded(call: Call, event_type: str, hook: Json) -> Response:
    call.record(event_type, hook_party(hook))
    return _answer(call, hook)


def _answer(call: Call, hook: Json) -> Response:
    response = json_answer(_with_links(hook, call.org))
    try:
        for _, expression in hooks.filters_of(hook):
            hooks.parsed_filter(expression)
    except NotUnderstood:
        response.headers[FILTER_HEADER] = "not understood: every event passes"
    return response


def _with_links(hook: Json, org: Org) -> Json:
    url = hook_source(org.url, hook["id"])
    if hook["status"] == "ACTIVE":
        calls = [("POST", "verify"), ("POST", "deactivate")]
    else:
        calls = [("POST", "activate"), ("DELETE", "delete")]
    links: Json = {"self": {"href": url}}
    for method, name in calls:
        href = url if method == "DELETE" else f"{url}/lifecycle/{name}"
        links[name] = {"href": href, "hints": {"allow": [method]}}
    return {**hook, "_links": links}


async def _challenge(org: Org, hook: Json, channel: Channel) -> str | None:
    url = channel.shown["config"]["uri"]
    attempts: int = 0
    failure: str | None = _SECRET_LOST
    if not hooks.lacks_secret(org.state, hook):
        challenge = secrets.token_urlsafe(30)
        headers = verification_headers(challenge, new_request_id(), *hooks.headers_of(channel))
        call = await verify(org.client, url, headers, timeout_s=org.answer_within_s)
        attempts, failure = len(call.attempts), _verification_failure(call, challenge)
    org.publish(HookVerification(org.now(), hook["id"], url, attempts, failure))
    return failure


def _verification_failure(call: HookCall, challenge: str) -> str | None:
    failure, answer = failure_of(call), call.last.answer
    if failure is not None or answer is None:
        return failure
    if answer.status != 200:
        return f"answered {answer.status} instead of 200"
    return None if echo_of(answer.body) == challenge else "the response does not echo the challenge"

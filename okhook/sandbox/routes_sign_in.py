"""Sign-in with a password, ``/api/v1/authn``: the only way to lock an account.

It needs no API token. Factors and self-service are not part of the sandbox.
"""

from datetime import timedelta
from typing import Final

from starlette.responses import Response

from okhook.sandbox import passwords
from okhook.sandbox.call import Call, Endpoint, json_answer
from okhook.sandbox.log_entries import LogEvent, user_party
from okhook.sandbox.org import new_request_id
from okhook.sandbox.refusals import ApiRefusal, Validation, authentication_failed
from okhook.sandbox.state import Json, whole_seconds
from okhook.sandbox.users import with_status
from okhook.wire.samples.sample import party

SIGN_IN_PATH: Final = "/api/v1/authn"

_MOST_FAILURES = 10
"""How many wrong passwords lock an account, in Okta's default policy."""


_TOKEN_LIFE = timedelta(minutes=5)


async def _sign_in(call: Call) -> Response:
    body, check = await call.json_object(), Validation("authn")
    name, password = check.text(body, "username"), check.text(body, "password")
    check.refuse_if_any()
    state = call.org.state
    try:
        user = state.user(name) if name != "me" else None
    except ApiRefusal:
        user = None
    if user is None:
        unknown = party("User", "unknown", name, "unknown")
        _record(call, "user.session.start", unknown, "VERIFICATION_ERROR")
        raise authentication_failed()
    if user["status"] not in ("ACTIVE", "PASSWORD_EXPIRED"):
        _record(call, "user.session.start", user_party(user), user["status"])
        raise authentication_failed()
    if not passwords.is_right(password, state.kept.get(user["id"], {}).get("password")):
        _note_failure(call, user)
        raise authentication_failed()
    return _signed_in(call, user)


ENDPOINTS: tuple[Endpoint, ...] = (("POST", SIGN_IN_PATH, _sign_in),)


def _note_failure(call: Call, user: Json) -> None:
    state, user_id = call.org.state, user["id"]
    _record(call, "user.session.start", user_party(user), "INVALID_CREDENTIALS")
    failures = state.failed_sign_ins.get(user_id, 0) + 1
    state.failed_sign_ins[user_id] = failures
    # The owner of the API token stays able to call the API.
    if failures >= _MOST_FAILURES and user_id != state.admin_id:
        locked = with_status(user, "LOCKED_OUT", whole_seconds(call.org.now()))
        state.users[user_id] = locked
        _record(call, "user.account.lock", user_party(locked), "LOCKED_OUT")


def _signed_in(call: Call, user: Json) -> Response:
    state = call.org.state
    state.failed_sign_ins.pop(user["id"], None)
    now = whole_seconds(call.org.now())
    shown = {
        "id": user["id"],
        "passwordChanged": user["passwordChanged"],
        "profile": {name: user["profile"].get(name) for name in ("login", "firstName", "lastName")},
    }
    expires = whole_seconds(call.org.now() + _TOKEN_LIFE)
    answer = {"expiresAt": expires, "_embedded": {"user": shown}}
    if user["status"] == "PASSWORD_EXPIRED":
        return json_answer({**answer, "status": "PASSWORD_EXPIRED", "stateToken": new_request_id()})
    state.users[user["id"]] = {**user, "lastLogin": now}
    _record(call, "user.session.start", user_party(user), None)
    return json_answer({**answer, "status": "SUCCESS", "sessionToken": new_request_id()})


def _record(call: Call, event_type: str, who: Json, failure: str | None) -> None:
    """Record what a user did to itself."""
    call.org.record(LogEvent(event_type, (who,), call.cause, failure, actor=who))

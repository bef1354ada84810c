"""What a user does with a password: ``/api/v1/users/{id}/credentials``."""

from starlette.responses import Response

from okhook.sandbox import passwords, refusals
from okhook.sandbox.call import Call, Endpoint, json_answer
from okhook.sandbox.log_entries import user_party
from okhook.sandbox.refusals import Validation
from okhook.sandbox.routes_lifecycle import reset_link
from okhook.sandbox.state import Json, whole_seconds
from okhook.sandbox.user_body import read_user
from okhook.sandbox.user_list import USERS
from okhook.sandbox.users import with_new_password


async def _change_password(call: Call) -> Response:
    body, user = await call.json_object(), call.user()
    old, new = _password(body, "oldPassword"), _password(body, "newPassword")
    _check_kept(call, user, "password", old, "Old Password is not correct")
    return _with_password(call, user, new, revokes=body.get("revokeSessions") is True)


async def _change_question(call: Call) -> Response:
    body, user = await call.json_object(), call.user()
    if user["status"] not in ("STAGED", "ACTIVE", "RECOVERY"):
        raise refusals.not_in_this_status()
    _check_kept(call, user, "password", _password(body, "password"), "Password is not correct")
    credentials = {"recovery_question": body.get("recovery_question")}
    draft = read_user({"credentials": credentials}, call.org.state.custom, user)
    now = whole_seconds(call.org.now())
    changed = {**user, "credentials": draft.credentials, "lastUpdated": now}
    return _stored(call, changed, draft.kept)


async def _forgot_password(call: Call) -> Response:
    """Start the flow; a body with the answer to the recovery question sets a new password."""
    user = call.user()
    if user["status"] != "ACTIVE" or "recovery_question" not in user["credentials"]:
        raise refusals.forgot_password_not_allowed()
    body = await call.optional_object()
    if not body:
        call.record("user.account.reset_password", user_party(user))
        return reset_link(call, user)
    check = Validation("user")
    question = check.object(body, "recovery_question") or {}
    answer = check.text(question, "recovery_question.answer").strip().casefold()
    check.refuse_if_any()
    _check_kept(call, user, "answer", answer, "The answer is not correct")
    return _with_password(call, user, _password(body, "password"), revokes=False)


_CREDENTIALS = f"{USERS}/{{user}}/credentials"

ENDPOINTS: tuple[Endpoint, ...] = (
    ("POST", f"{_CREDENTIALS}/change_password", _change_password),
    ("POST", f"{_CREDENTIALS}/change_recovery_question", _change_question),
    ("POST", f"{_CREDENTIALS}/forgot_password", _forgot_password),
    ("POST", f"{_CREDENTIALS}/forgot_password_recovery_question", _forgot_password),
)


def _password(body: Json, name: str) -> str:
    check = Validation("password")
    password = check.object(body, name) or {}
    value = check.text(password, f"{name}.value")
    check.refuse_if_any()
    return value


def _check_kept(call: Call, user: Json, name: str, given: str, cause: str) -> None:
    """Raise ``ApiRefusal`` if ``given`` is not the user's password or answer."""
    if not passwords.is_right(given, call.org.state.kept.get(user["id"], {}).get(name)):
        raise refusals.credentials_not_updated(cause)


def _with_password(call: Call, user: Json, new: str, *, revokes: bool) -> Response:
    fault = passwords.fault_of(new, user["profile"]["login"])
    if fault is not None:
        raise refusals.credentials_not_updated(fault)
    changed = with_new_password(user, whole_seconds(call.org.now()))
    answer = _stored(call, changed, {"password": passwords.hashed(new)})
    call.record("user.account.update_password", user_party(changed))
    if revokes:
        call.record("user.session.clear", user_party(changed))
    return answer


def _stored(call: Call, user: Json, kept: dict[str, str]) -> Response:
    call.org.state.users[user["id"]] = user
    call.org.state.keep(user, kept)
    call.org.changed()
    return json_answer(user["credentials"])

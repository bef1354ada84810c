"""What changes a user's status: ``/api/v1/users/{id}/lifecycle``."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from starlette.responses import Response

from okhook.sandbox import passwords
from okhook.sandbox.call import Call, Endpoint, json_answer
from okhook.sandbox.log_entries import user_party
from okhook.sandbox.org import new_request_id
from okhook.sandbox.refusals import no_permission
from okhook.sandbox.state import Json, whole_seconds
from okhook.sandbox.user_list import USERS, user_answer
from okhook.sandbox.users import OPERATIONS, activated_status, with_status

_NOT_FOR_THE_ADMIN = ("suspend", "deactivate")


async def _change_status(name: str, call: Call) -> Response:
    if name == "expire_password" and call.switch("tempPassword", default=False):
        name = "expire_password_with_temp_password"
    user = change_status(call, name)
    if call.switch("revokeSessions", default=False):
        call.record("user.session.clear", user_party(user))
    return _ANSWERS.get(name, _nothing)(call, user)


def change_status(call: Call, name: str) -> Json:
    """Make a lifecycle operation and return the user; raise ``ApiRefusal`` if it is not allowed.

    The owner of the API token stays able to call the API.
    """
    user, operation, state = call.user(), OPERATIONS[name], call.org.state
    if user["id"] == state.admin_id and name in _NOT_FOR_THE_ADMIN:
        raise no_permission()
    operation.check(name, user)
    now = whole_seconds(call.org.now())
    status = activated_status(user) if name == "activate" else operation.after or user["status"]
    changed = with_status(user, status, now)
    if name == "activate":
        changed["activated"] = now
    state.users[user["id"]] = changed
    state.failed_sign_ins.pop(user["id"], None)
    for event_type in (operation.event_type, operation.second_event_type):
        if event_type is not None:
            call.record(event_type, user_party(changed))
    return changed


def _nothing(_call: Call, _user: Json) -> Response:
    return json_answer({})


def _activation(call: Call, _user: Json, *, sends_email: bool) -> Response:
    """Answer with a link if no mail is sent. The sandbox does not accept the link's token."""
    if call.switch("sendEmail", default=sends_email):
        return json_answer({})
    token = new_request_id()[:20]
    url = f"{call.origin}/welcome/{token}"
    return json_answer({"activationUrl": url, "activationToken": token})


def reset_link(call: Call, _user: Json) -> Response:
    """Answer with a link if no mail is sent. The sandbox does not accept the link's token."""
    if call.switch("sendEmail", default=True):
        return json_answer({})
    url = f"{call.origin}/reset_password/{new_request_id()[:20]}"
    return json_answer({"resetPasswordUrl": url})


def _temporary_password(call: Call, user: Json) -> Response:
    password, state = passwords.temporary(), call.org.state
    state.keep(user, {"password": passwords.hashed(password)})
    state.users[user["id"]] = {**user, "passwordChanged": user["lastUpdated"]}
    return json_answer({"tempPassword": password})


_ANSWERS: Final[Mapping[str, Callable[[Call, Json], Response]]] = {
    "activate": partial(_activation, sends_email=True),
    "reactivate": partial(_activation, sends_email=False),
    "expire_password": user_answer,
    "expire_password_with_temp_password": _temporary_password,
    "reset_password": reset_link,
}
"""The answers that are not an empty object."""

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    ("POST", f"{USERS}/{{user}}/lifecycle/{name}", partial(_change_status, name))
    for name in OPERATIONS
)

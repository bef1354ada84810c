"""The part of the Users API that causes events: ``/api/v1/users``.

The sandbox does not keep passwords. ``credentials.password`` is an empty object if a user has one,
as in Okta's answers.
"""

from functools import partial
from typing import Any, Final

from starlette.responses import Response

from okhook.runtime.ids import new_okta_id
from okhook.sandbox.call import Call, Endpoint, Params, json_answer
from okhook.sandbox.lists import begins_with, check_unused, first, page_answer, search_and_filter
from okhook.sandbox.log_entries import user_party
from okhook.sandbox.org import new_request_id
from okhook.sandbox.refusals import Validation, already_active, invalid, no_permission
from okhook.sandbox.state import Json, whole_seconds

STATUSES: Final = ("STAGED", "PROVISIONED", "ACTIVE", "SUSPENDED", "DEPROVISIONED")

_STATUSES_BEFORE: Final = {
    "activate": ("STAGED", "DEPROVISIONED"),
    "suspend": ("ACTIVE",),
    "unsuspend": ("SUSPENDED",),
    "deactivate": ("STAGED", "PROVISIONED", "ACTIVE", "SUSPENDED"),
}
"""The lifecycle operations, each with the statuses that allow it."""

_STATUS_AFTER: Final = {
    "suspend": "SUSPENDED",
    "unsuspend": "ACTIVE",
    "deactivate": "DEPROVISIONED",
}
_Q_ATTRIBUTES = ("firstName", "lastName", "email")


async def _list_users(call: Call) -> Response:
    """Answer with a page of users, oldest first.

    As in Okta, DEPROVISIONED users are skipped unless there is ``search`` or ``filter``.
    """
    q, test = first(call.params, "q"), search_and_filter(call.params)
    found = [
        user
        for user in (listed_user(call, each) for each in call.org.state.users.values())
        if (test(user) if test else user["status"] != "DEPROVISIONED")
        and (not q or any(begins_with(user["profile"].get(name), q) for name in _Q_ATTRIBUTES))
    ]
    found = _sorted(call.params, found)
    return page_answer(call, found, default=10 if q else 200, maximum=200, has_next=not q)


async def _create_user(call: Call) -> Response:
    """Create a user and, unless ``activate`` is false, activate it: two events close together."""
    chosen = _read_user(await call.json_object())
    check_unused("login", chosen["profile"], call.org.state.users.values())
    activate = call.switch("activate", default=True)
    user = new_user(
        chosen["profile"],
        chosen["credentials"],
        user_type_id=call.org.state.user_type_id,
        status=_activated_status(chosen) if activate else "STAGED",
        now=whole_seconds(call.org.now()),
    )
    call.org.state.users[user["id"]] = user
    call.record("user.lifecycle.create", user_party(user))
    if activate:
        call.record("user.lifecycle.activate", user_party(user))
    return json_answer(_with_actions(call, user))


async def _get_user(call: Call) -> Response:
    return json_answer(_with_actions(call, _user(call)))


async def _delete_user(call: Call) -> Response:
    """Deactivate a user, or delete a DEPROVISIONED one, also from its groups."""
    user, state = _user(call), call.org.state
    if user["status"] != "DEPROVISIONED":
        await _change_status("deactivate", call)
        return Response(status_code=204)
    del state.users[user["id"]]
    for members in state.members.values():
        if user["id"] in members:
            members.remove(user["id"])
    call.record("user.lifecycle.delete.initiated", user_party(user))
    call.record("user.lifecycle.delete.completed", user_party(user))
    return Response(status_code=204)


async def _activate_user(call: Call) -> Response:
    """Activate a user. The answer has a link if ``sendEmail`` is false, as in Okta.

    The sandbox does not accept the link's token.
    """
    user = _user(call)
    if user["status"] not in _STATUSES_BEFORE["activate"]:
        raise already_active()
    activated = {**user, "activated": whole_seconds(call.org.now())}
    _set_status(call, activated, _activated_status(user), "activate")
    if call.switch("sendEmail", default=True):
        return json_answer({})
    token = new_request_id()[:20]
    url = f"{call.org.url}/welcome/{token}"
    return json_answer({"activationUrl": url, "activationToken": token})


async def _change_status(action: str, call: Call) -> Response:
    """Suspend, unsuspend or deactivate a user, who must not be the owner of the API token."""
    user = _user(call)
    if user["id"] == call.org.state.admin_id and action != "unsuspend":
        raise no_permission()
    if user["status"] not in _STATUSES_BEFORE[action]:
        raise invalid("user", f"status: cannot {action} a user that is {user['status']}")
    _set_status(call, user, _STATUS_AFTER[action], action)
    return json_answer({})


_USERS = "/api/v1/users"
_USER = f"{_USERS}/{{user}}"

ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", _USERS, _list_users),
    ("POST", _USERS, _create_user),
    ("GET", _USER, _get_user),
    ("DELETE", _USER, _delete_user),
    ("POST", f"{_USER}/lifecycle/activate", _activate_user),
    *(
        ("POST", f"{_USER}/lifecycle/{action}", partial(_change_status, action))
        for action in _STATUS_AFTER
    ),
)


def new_user(profile: Json, credentials: Json, *, user_type_id: str, status: str, now: str) -> Json:
    """Return a user, activated unless ``status`` is STAGED."""
    activated = None if status == "STAGED" else now
    return {
        "id": new_okta_id("00u"),
        "status": status,
        "created": now,
        "activated": activated,
        "statusChanged": activated,
        "lastLogin": None,
        "lastUpdated": now,
        "passwordChanged": now if "password" in credentials else None,
        "type": {"id": user_type_id},
        "profile": profile,
        "credentials": {**credentials, "provider": {"type": "OKTA", "name": "OKTA"}},
    }


def listed_user(call: Call, user: Json) -> Json:
    """Return a user as a list shows it, with a link to itself."""
    return {**user, "_links": {"self": {"href": f"{call.org.url}{_USERS}/{user['id']}"}}}


def _with_actions(call: Call, user: Json) -> Json:
    url = f"{call.org.url}{_USERS}/{user['id']}"
    links = {"self": {"href": url}} | {
        action: {"href": f"{url}/lifecycle/{action}"}
        for action, statuses in _STATUSES_BEFORE.items()
        if user["status"] in statuses
    }
    return {**user, "_links": links}


def _user(call: Call) -> Json:
    return call.org.state.user(call.path_params["user"])


def _set_status(call: Call, user: Json, status: str, action: str) -> None:
    now = whole_seconds(call.org.now())
    changed = {**user, "status": status, "statusChanged": now, "lastUpdated": now}
    call.org.state.users[user["id"]] = changed
    call.record(f"user.lifecycle.{action}", user_party(changed))


def _activated_status(user: Json) -> str:
    return "ACTIVE" if "password" in user["credentials"] else "PROVISIONED"


def _read_user(body: Json) -> Json:
    check = Validation("user")
    profile = check.object(body, "profile")
    if profile is not None:
        check.text(profile, "login", longest=100)
        email = check.text(profile, "email", longest=100)
        if email and "@" not in email:
            check.add("email", "must be an email address")
        check.text(profile, "firstName", longest=50)
        check.text(profile, "lastName", longest=50)
        check.attributes(profile)
    sent = {} if body.get("credentials") is None else check.object(body, "credentials")
    credentials = _credentials(sent or {}, check)
    check.refuse_if_any()
    return {"profile": profile, "credentials": credentials}


def _credentials(sent: Json, check: Validation) -> Json:
    """Return the credentials without the password and the answer to the recovery question."""
    shown: Json = {}
    password = sent.get("password")
    if isinstance(password, dict) and any(password.get(key) for key in ("value", "hash")):
        shown["password"] = {}
    if sent.get("recovery_question") is not None:
        question = check.object(sent, "recovery_question") or {}
        text = check.optional_text(question, "recovery_question.question")
        if text is not None:
            shown["recovery_question"] = {"question": text}
    return shown


def _sorted(params: Params, users: list[Json]) -> list[Json]:
    """Sort the answer of a search; equal values are in the order of the ids."""
    sort_by = first(params, "sortBy")
    if sort_by is None or first(params, "search") is None:
        return users
    order = (first(params, "sortOrder") or "asc").lower()
    if order not in ("asc", "desc"):
        raise invalid("sortOrder", "sortOrder: must be asc or desc")

    def key(user: Json) -> tuple[str, str]:
        value: Any = user
        for name in sort_by.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return ("" if value is None else str(value).casefold(), user["id"])

    return sorted(users, key=key, reverse=order == "desc")

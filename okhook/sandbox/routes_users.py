"""The part of the Users API that makes events happen: ``/api/v1/users``.

A user's password is never kept, only that there is one: ``credentials.password`` is an empty
object then, as Okta shows it.
"""

from typing import Any

from starlette.responses import Response

from okhook.runtime.ids import new_okta_id
from okhook.sandbox.call import Call, Endpoint, Params, json_answer, no_content
from okhook.sandbox.lists import begins_with, check_unused, first, page_answer, search_and_filter
from okhook.sandbox.log_entries import user_party
from okhook.sandbox.org import new_request_id
from okhook.sandbox.refusals import already_active, invalid, no_permission
from okhook.sandbox.state import Json, whole_seconds
from okhook.sandbox.validation import Validation

STATUSES = ("STAGED", "PROVISIONED", "ACTIVE", "SUSPENDED", "DEPROVISIONED")
"""The statuses that the sandbox's lifecycle passes through."""

_ACTIONS = {
    "STAGED": ("activate", "deactivate"),
    "PROVISIONED": ("deactivate",),
    "ACTIVE": ("suspend", "deactivate"),
    "SUSPENDED": ("unsuspend", "deactivate"),
    "DEPROVISIONED": ("activate",),
}
"""The lifecycle operations that an answer links to, by status."""

_LONGEST = 100
_LONGEST_NAME = 50

_MAX_USERS = 200
_DEFAULT_USERS_OF_Q = 10
_Q_ATTRIBUTES = ("firstName", "lastName", "email")


async def list_users(call: Call) -> Response:
    """Answer with a page of users, oldest first.

    Without ``search`` and ``filter`` the DEPROVISIONED are left out, as in Okta. ``q`` finds names
    and email addresses that begin so.
    """
    q, test = first(call.params, "q"), search_and_filter(call.params)
    users = [listed_user(call, user) for user in call.org.state.users.values()]
    if test is None:
        found = [user for user in users if user["status"] != "DEPROVISIONED"]
    else:
        found = [user for user in users if test(user)]
    if q:
        found = [
            user
            for user in found
            if any(begins_with(user["profile"].get(name), q) for name in _Q_ATTRIBUTES)
        ]
    default = _DEFAULT_USERS_OF_Q if q else _MAX_USERS
    found = _sorted(call.params, found)
    return page_answer(call, found, default=default, maximum=_MAX_USERS, has_next=not q)


async def create_user(call: Call) -> Response:
    """Create a user, and activate it unless the call says otherwise: two events close together."""
    chosen = _read_user(await call.json_object())
    check_unused("login", chosen["profile"], call.org.state.users.values())
    now = whole_seconds(call.org.now())
    activate = call.switch("activate", default=True)
    user = new_user(
        chosen["profile"],
        chosen["credentials"],
        user_type_id=call.org.state.user_type_id,
        status=_activated_status(chosen) if activate else "STAGED",
        now=now,
    )
    call.org.state.users[user["id"]] = user
    call.record("user.lifecycle.create", user_party(user))
    if activate:
        call.record("user.lifecycle.activate", user_party(user))
    return json_answer(_with_actions(call, user))


async def get_user(call: Call) -> Response:
    """Answer with one user."""
    return json_answer(_with_actions(call, _user(call)))


async def delete_user(call: Call) -> Response:
    """Deactivate a user that is not DEPROVISIONED; delete one that is, and from every group."""
    user, state = _user(call), call.org.state
    if user["status"] != "DEPROVISIONED":
        await deactivate_user(call)
        return no_content()
    del state.users[user["id"]]
    for members in state.members.values():
        if user["id"] in members:
            members.remove(user["id"])
    call.record("user.lifecycle.delete.initiated", user_party(user))
    call.record("user.lifecycle.delete.completed", user_party(user))
    return no_content()


async def activate_user(call: Call) -> Response:
    """Activate a user that is STAGED or DEPROVISIONED.

    The answer has a link where no mail was asked for, and is an empty object otherwise, as in Okta.
    Nothing in the sandbox takes the token.
    """
    user = _user(call)
    if user["status"] not in ("STAGED", "DEPROVISIONED"):
        raise already_active()
    now = whole_seconds(call.org.now())
    _change_status(
        call, {**user, "activated": now}, _activated_status(user), "user.lifecycle.activate"
    )
    if call.switch("sendEmail", default=True):
        return json_answer({})
    token = new_request_id()[:20]
    url = f"{call.org.url}/welcome/{token}"
    return json_answer({"activationUrl": url, "activationToken": token})


async def deactivate_user(call: Call) -> Response:
    """Make a user DEPROVISIONED."""
    user = _other_user(call)
    if user["status"] == "DEPROVISIONED":
        raise invalid("user", "status: the user is deactivated already")
    return _change_status(call, user, "DEPROVISIONED", "user.lifecycle.deactivate")


async def suspend_user(call: Call) -> Response:
    """Suspend a user that is ACTIVE."""
    user = _other_user(call)
    if user["status"] != "ACTIVE":
        raise invalid("user", "status: only an ACTIVE user can be suspended")
    return _change_status(call, user, "SUSPENDED", "user.lifecycle.suspend")


async def unsuspend_user(call: Call) -> Response:
    """Make a user that was suspended ACTIVE again."""
    user = _user(call)
    if user["status"] != "SUSPENDED":
        raise invalid("user", "status: only a SUSPENDED user can be unsuspended")
    return _change_status(call, user, "ACTIVE", "user.lifecycle.unsuspend")


_USERS = "/api/v1/users"
_USER = f"{_USERS}/{{user}}"

ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", _USERS, list_users),
    ("POST", _USERS, create_user),
    ("GET", _USER, get_user),
    ("DELETE", _USER, delete_user),
    ("POST", f"{_USER}/lifecycle/activate", activate_user),
    ("POST", f"{_USER}/lifecycle/deactivate", deactivate_user),
    ("POST", f"{_USER}/lifecycle/suspend", suspend_user),
    ("POST", f"{_USER}/lifecycle/unsuspend", unsuspend_user),
)


def new_user(profile: Json, credentials: Json, *, user_type_id: str, status: str, now: str) -> Json:
    """Return a user who was created ``now``, and activated then unless ``status`` is STAGED."""
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
    """Return a user as a list has it, with a link to itself alone."""
    return {**user, "_links": {"self": {"href": f"{call.org.url}{_USERS}/{user['id']}"}}}


def _with_actions(call: Call, user: Json) -> Json:
    """Return a user as a call for one has it, with links to what can be done with it."""
    url = f"{call.org.url}{_USERS}/{user['id']}"
    actions = _ACTIONS[user["status"]]
    links = {"self": {"href": url}} | {
        action: {"href": f"{url}/lifecycle/{action}"} for action in actions
    }
    return {**user, "_links": links}


def _user(call: Call) -> Json:
    return call.org.state.user(call.path_params["user"])


def _other_user(call: Call) -> Json:
    """Return the user of a call, which must not be the owner of the API token."""
    user = _user(call)
    if user["id"] == call.org.state.admin_id:
        raise no_permission()
    return user


def _change_status(call: Call, user: Json, status: str, event_type: str) -> Response:
    now = whole_seconds(call.org.now())
    changed = {**user, "status": status, "statusChanged": now, "lastUpdated": now}
    call.org.state.users[user["id"]] = changed
    call.record(event_type, user_party(changed))
    return json_answer({})


def _activated_status(user: Json) -> str:
    """Return what activation makes of a user: one without a password has yet to set it."""
    return "ACTIVE" if "password" in user["credentials"] else "PROVISIONED"


def _read_user(body: Json) -> Json:
    """Return the profile and the credentials of the user that the body of a create describes."""
    check = Validation("user")
    profile = check.object(body, "profile")
    if profile:
        check.text(profile, "login", longest=_LONGEST)
        email = check.text(profile, "email", longest=_LONGEST)
        if email and "@" not in email:
            check.add("email", "must be an email address")
        check.text(profile, "firstName", longest=_LONGEST_NAME)
        check.text(profile, "lastName", longest=_LONGEST_NAME)
        check.attributes(profile)
    sent = body.get("credentials")
    credentials = _credentials({} if sent is None else check.object(body, "credentials"), check)
    check.refuse_if_any()
    return {"profile": profile, "credentials": credentials}


def _credentials(sent: Json, check: Validation) -> Json:
    """Return what is shown of the credentials: neither the password nor the answer."""
    shown: Json = {}
    password = sent.get("password")
    if isinstance(password, dict) and any(password.get(key) for key in ("value", "hash")):
        shown["password"] = {}
    if sent.get("recovery_question") is not None:
        question = check.object(sent, "recovery_question")
        text = check.optional_text(question, "recovery_question.question")
        if text is not None:
            shown["recovery_question"] = {"question": text}
    return shown


def _sorted(params: Params, users: list[Json]) -> list[Json]:
    """Sort the answer of a search; users with the same value are ordered by id."""
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

"""How users are found, and how answers show them."""

import re
from typing import Final

from starlette.responses import Response

from okhook.sandbox import lists
from okhook.sandbox.call import Call, json_answer
from okhook.sandbox.refusals import invalid
from okhook.sandbox.scim import CONTAINS, EQUAL, SEARCHES, TIMES, Operators
from okhook.sandbox.state import Json
from okhook.sandbox.users import OPERATIONS

USERS: Final = "/api/v1/users"

_NAMES = ("login", "email", "firstName", "lastName")
_FILTER: Final[Operators] = {
    **dict.fromkeys(("id", "status", *(f"profile.{name}" for name in _NAMES)), EQUAL),
    "lastUpdated": TIMES,
}
_SEARCH: Final[Operators] = {
    **dict.fromkeys(("id", "status", "created", "activated", "statusChanged"), SEARCHES),
    **dict.fromkeys(
        ("lastUpdated", "passwordChanged", "lastLogin", "type.id", "profile.*"), SEARCHES
    ),
    **dict.fromkeys((f"profile.{name}" for name in _NAMES), CONTAINS),
}
_Q_ATTRIBUTES = ("firstName", "lastName", "email")
_FIELDS = re.compile(r"\s*(?:profile:\(([\w\s,]*)\)|([A-Za-z_]+))\s*(?:,|$)")
_OMITTED = re.compile(r"okta-response\s*=\s*\"?([A-Za-z, ]*)")
_OF_CREDENTIALS = {
    "changePassword": "credentials/change_password",
    "changeRecoveryQuestion": "credentials/change_recovery_question",
    "forgotPassword": "credentials/forgot_password",
}
_CREDENTIALS_LINKS = (*_OF_CREDENTIALS, "resetPassword", "resetFactors", "expirePassword", "unlock")


async def list_users(call: Call) -> Response:
    """Answer with a page of users, oldest first.

    As in Okta, DEPROVISIONED users are skipped unless there is ``search`` or ``filter``.
    """
    q, test = lists.first(call.params, "q"), lists.search_and_filter(call.params, _SEARCH, _FILTER)
    found = [
        user
        for user in (listed_user(call, each) for each in call.org.state.users.values())
        if (test(user) if test else user["status"] != "DEPROVISIONED")
        and lists.begins_with(q, *(user["profile"].get(name) for name in _Q_ATTRIBUTES))
    ]
    lists.expanded(call, ())
    found = [_projected(call, user) for user in lists.sorted_as_asked(call.params, found)]
    return lists.page_answer(call, found, default=10 if q else 200, maximum=200, has_next=not q)


def user_answer(call: Call, user: Json) -> Response:
    """Answer with a user, and with links to what its status allows."""
    url = f"{call.origin}{USERS}/{user['id']}"
    links = {"self": {"href": url}} | {
        operation.link: {"href": f"{url}/lifecycle/{name}"}
        for name, operation in OPERATIONS.items()
        if operation.link and operation.is_for(user)
    }
    if "password" in user["credentials"] and user["status"] in OPERATIONS["expire_password"].before:
        links |= {name: {"href": f"{url}/{path}"} for name, path in _OF_CREDENTIALS.items()}
    shown = {**user, "_links": links}
    if "blocks" in lists.expanded(call, ("blocks",)):
        shown["_embedded"] = {"blocks": []}
    return json_answer(_without_omitted(call, shown))


def listed_user(call: Call, user: Json) -> Json:
    """Return a user as a list shows it, with a link to itself."""
    shown = {**user, "_links": {"self": {"href": f"{call.origin}{USERS}/{user['id']}"}}}
    return _without_omitted(call, shown)


def _without_omitted(call: Call, user: Json) -> Json:
    """Leave out what the media type's ``okta-response`` says."""
    match = _OMITTED.search(call.request.headers.get("content-type", ""))
    omitted = [name.strip() for name in match[1].split(",")] if match else []
    if "omitCredentials" in omitted:
        user = {name: value for name, value in user.items() if name != "credentials"}
    if "omitCredentialsLinks" in omitted:
        kept = {
            name: link for name, link in user["_links"].items() if name not in _CREDENTIALS_LINKS
        }
        user = {**user, "_links": kept}
    return user


def _projected(call: Call, user: Json) -> Json:
    """Return a user with the chosen ``fields`` only; the id is always among them."""
    chosen = lists.first(call.params, "fields")
    if chosen is None:
        return user
    names, position = {"id"}, 0
    in_profile: set[str] = set()
    while position < len(chosen):
        match = _FIELDS.match(chosen, position)
        if match is None:
            raise invalid("fields", "fields: must be like id,status,profile:(firstName,city)")
        if match[1] is None:
            names.add(match[2])
        else:
            in_profile.update(name.strip() for name in match[1].split(","))
        position = match.end()
    shown = {name: value for name, value in user.items() if name in names}
    if in_profile and "profile" not in names:
        profile = user["profile"]
        shown["profile"] = {name: value for name, value in profile.items() if name in in_profile}
    return shown

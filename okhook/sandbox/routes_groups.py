"""The part of the Groups API that makes events happen: ``/api/v1/groups``."""

from starlette.responses import Response

from okhook.runtime.ids import new_okta_id
from okhook.sandbox.call import Call, Endpoint, json_answer, no_content
from okhook.sandbox.lists import begins_with, check_unused, first, page_answer, search_and_filter
from okhook.sandbox.log_entries import group_party, user_party
from okhook.sandbox.routes_users import listed_user
from okhook.sandbox.state import Json, whole_seconds
from okhook.sandbox.validation import Validation

_LONGEST_NAME = 255
_LONGEST_DESCRIPTION = 1024

_MAX_GROUPS = 10_000
_DEFAULT_GROUPS_OF_Q = 300
_MAX_MEMBERS = 1000


async def list_groups(call: Call) -> Response:
    """Answer with a page of groups, oldest first.

    ``q`` finds names that begin so, and its answer has no second page, as in Okta.
    """
    q, test = first(call.params, "q"), search_and_filter(call.params)
    groups = [_with_links(call, group) for group in call.org.state.groups.values()]
    found = [
        group
        for group in groups
        if (test is None or test(group)) and (not q or begins_with(group["profile"]["name"], q))
    ]
    default = _DEFAULT_GROUPS_OF_Q if q else _MAX_GROUPS
    return page_answer(call, found, default=default, maximum=_MAX_GROUPS, has_next=not q)


async def create_group(call: Call) -> Response:
    """Create a group of type OKTA_GROUP."""
    profile = _profile(await call.json_object())
    check_unused("name", profile, call.org.state.groups.values())
    group_id, now = new_okta_id("00g"), whole_seconds(call.org.now())
    group = {
        "id": group_id,
        "created": now,
        "lastUpdated": now,
        "lastMembershipUpdated": now,
        "objectClass": ["okta:user_group"],
        "type": "OKTA_GROUP",
        "profile": profile,
    }
    call.org.state.members[group_id] = []
    return _changed(call, group, "group.lifecycle.create")


async def get_group(call: Call) -> Response:
    """Answer with one group."""
    return json_answer(_with_links(call, _group(call)))


async def replace_group(call: Call) -> Response:
    """Replace a group's profile."""
    body = await call.json_object()
    group = _group(call)
    profile = _profile(body)
    others = [each for each in call.org.state.groups.values() if each is not group]
    check_unused("name", profile, others)
    now = whole_seconds(call.org.now())
    return _changed(call, {**group, "lastUpdated": now, "profile": profile}, "group.profile.update")


async def delete_group(call: Call) -> Response:
    """Delete a group; its users stay."""
    group, state = _group(call), call.org.state
    del state.groups[group["id"]], state.members[group["id"]]
    call.record("group.lifecycle.delete", group_party(group))
    return no_content()


async def list_members(call: Call) -> Response:
    """Answer with a page of a group's users, in the order in which they joined."""
    state = call.org.state
    members = state.members[_group(call)["id"]]
    users = [listed_user(call, state.users[user_id]) for user_id in members]
    return page_answer(call, users, default=_MAX_MEMBERS, maximum=_MAX_MEMBERS)


async def add_member(call: Call) -> Response:
    """Put a user into a group; nothing happens where the user is in it."""
    group, user, members = _membership(call)
    if user["id"] not in members:
        members.append(user["id"])
        _membership_changed(call, "group.user_membership.add", user, group)
    return no_content()


async def remove_member(call: Call) -> Response:
    """Take a user out of a group; nothing happens where the user is not in it."""
    group, user, members = _membership(call)
    if user["id"] in members:
        members.remove(user["id"])
        _membership_changed(call, "group.user_membership.remove", user, group)
    return no_content()


_GROUPS = "/api/v1/groups"
_GROUP = f"{_GROUPS}/{{group}}"

ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", _GROUPS, list_groups),
    ("POST", _GROUPS, create_group),
    ("GET", _GROUP, get_group),
    ("PUT", _GROUP, replace_group),
    ("DELETE", _GROUP, delete_group),
    ("GET", f"{_GROUP}/users", list_members),
    ("PUT", f"{_GROUP}/users/{{user}}", add_member),
    ("DELETE", f"{_GROUP}/users/{{user}}", remove_member),
)


def _group(call: Call) -> Json:
    return call.org.state.group(call.path_params["group"])


def _membership(call: Call) -> tuple[Json, Json, list[str]]:
    """Return the group and the user of a call, and the ids of the group's users."""
    group = _group(call)
    user = call.org.state.user(call.path_params["user"])
    return group, user, call.org.state.members[group["id"]]


def _membership_changed(call: Call, event_type: str, user: Json, group: Json) -> None:
    changed = {**group, "lastMembershipUpdated": whole_seconds(call.org.now())}
    call.org.state.groups[group["id"]] = changed
    call.record(event_type, user_party(user), group_party(group))


def _changed(call: Call, group: Json, event_type: str) -> Response:
    call.org.state.groups[group["id"]] = group
    call.record(event_type, group_party(group))
    return json_answer(_with_links(call, group))


def _with_links(call: Call, group: Json) -> Json:
    """Return a group with its links, but for the logos that Okta's answer links to."""
    url = f"{call.org.url}{_GROUPS}/{group['id']}"
    return {**group, "_links": {name: {"href": f"{url}/{name}"} for name in ("users", "apps")}}


def _profile(body: Json) -> Json:
    """Return the profile in the body of a create or a replace."""
    check = Validation("group")
    profile = check.object(body, "profile")
    description = None
    if profile:
        check.text(profile, "name", longest=_LONGEST_NAME)
        description = check.optional_text(profile, "description", longest=_LONGEST_DESCRIPTION)
        check.attributes(profile)
    elif isinstance(body.get("profile"), dict):
        check.add("name", "must be a text that is not empty")
    check.refuse_if_any()
    return {**profile, "description": description}

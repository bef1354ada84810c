"""The Groups API: ``/api/v1/groups``, and a user's groups."""

from typing import Final

from starlette.responses import Response

from okhook.sandbox import lists
from okhook.sandbox.call import Call, Endpoint, json_answer
from okhook.sandbox.log_entries import group_party, user_party
from okhook.sandbox.refusals import Validation
from okhook.sandbox.scim import CONTAINS, EQUAL, SEARCHES, TIMES, Operators
from okhook.sandbox.state import Json, new_group, whole_seconds
from okhook.sandbox.user_list import USERS, listed_user

_FILTER: Final[Operators] = {
    **dict.fromkeys(("id", "type"), EQUAL),
    **dict.fromkeys(("lastUpdated", "lastMembershipUpdated"), TIMES),
}
_SEARCH: Final[Operators] = {
    **dict.fromkeys(("id", "type", "created", "source.id", "profile.*"), SEARCHES),
    **dict.fromkeys(("lastUpdated", "lastMembershipUpdated"), SEARCHES),
    **dict.fromkeys(("profile.name", "profile.description"), CONTAINS),
}
_ATTRIBUTES = ("name", "description")


async def _list_groups(call: Call) -> Response:
    """Answer with a page of groups, oldest first. As in Okta, ``q`` has no second page."""
    q, test = lists.first(call.params, "q"), lists.search_and_filter(call.params, _SEARCH, _FILTER)
    found = [
        group
        for group in (_shown(call, each) for each in call.org.state.groups.values())
        if (test is None or test(group)) and lists.begins_with(q, group["profile"]["name"])
    ]
    found = lists.sorted_as_asked(call.params, found)
    default = 300 if q else 10_000
    return lists.page_answer(call, found, default=default, maximum=10_000, has_next=not q)


async def _create_group(call: Call) -> Response:
    profile = _profile(await call.json_object())
    lists.check_unused("name", profile, call.org.state.groups.values())
    group = new_group(profile, whole_seconds(call.org.now()))
    call.org.state.members[group["id"]] = []
    return _changed(call, group, "group.lifecycle.create")


async def _get_group(call: Call) -> Response:
    return json_answer(_shown(call, _group(call)))


async def _replace_group(call: Call) -> Response:
    body = await call.json_object()
    group = _own_group(call)
    profile = _profile(body)
    others = [each for each in call.org.state.groups.values() if each is not group]
    lists.check_unused("name", profile, others)
    now = whole_seconds(call.org.now())
    return _changed(call, {**group, "lastUpdated": now, "profile": profile}, "group.profile.update")


async def _delete_group(call: Call) -> Response:
    group, state = _own_group(call), call.org.state
    del state.groups[group["id"]], state.members[group["id"]]
    call.record("group.lifecycle.delete", group_party(group))
    return Response(status_code=204)


async def _list_members(call: Call) -> Response:
    """Answer with a page of a group's users, in the order in which they joined."""
    state = call.org.state
    members = state.members[_group(call)["id"]]
    users = [listed_user(call, state.users[user_id]) for user_id in members]
    return lists.page_answer(call, users, default=1000, maximum=1000)


async def _list_groups_of_user(call: Call) -> Response:
    user, state = call.user(), call.org.state
    found = [
        _shown(call, group)
        for group in state.groups.values()
        if user["id"] in state.members[group["id"]]
    ]
    return lists.page_answer(call, found, default=10_000, maximum=10_000)


async def _list_apps(call: Call) -> Response:
    """Answer for the apps of a group; the sandbox has none."""
    _group(call)
    return json_answer([])


async def _list_rules(_call: Call) -> Response:
    """Answer for the rules that make members; the sandbox has none."""
    return json_answer([])


async def _change_membership(call: Call) -> Response:
    """Add a user to a group, or remove it; a call that changes nothing causes no event."""
    group, user = _own_group(call), call.user()
    adds = call.request.method == "PUT"
    if adds != (user["id"] in call.org.state.members[group["id"]]):
        change_membership(call, user, group, adds=adds)
    return Response(status_code=204)


def change_membership(call: Call, user: Json, group: Json, *, adds: bool) -> None:
    """Add a user to a group in which it is not yet, or remove it from one in which it is."""
    state = call.org.state
    members = state.members[group["id"]]
    if adds:
        members.append(user["id"])
    else:
        members.remove(user["id"])
    now = whole_seconds(call.org.now())
    state.groups[group["id"]] = {**group, "lastMembershipUpdated": now}
    event_type = f"group.user_membership.{'add' if adds else 'remove'}"
    call.record(event_type, user_party(user), group_party(group))


_GROUPS = "/api/v1/groups"
_GROUP = f"{_GROUPS}/{{group}}"

ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", _GROUPS, _list_groups),
    ("POST", _GROUPS, _create_group),
    ("GET", f"{_GROUPS}/rules", _list_rules),
    ("GET", _GROUP, _get_group),
    ("PUT", _GROUP, _replace_group),
    ("DELETE", _GROUP, _delete_group),
    ("GET", f"{_GROUP}/apps", _list_apps),
    ("GET", f"{_GROUP}/users", _list_members),
    ("PUT", f"{_GROUP}/users/{{user}}", _change_membership),
    ("DELETE", f"{_GROUP}/users/{{user}}", _change_membership),
    ("GET", f"{USERS}/{{user}}/groups", _list_groups_of_user),
)


def _group(call: Call) -> Json:
    return call.org.state.group(call.path_params["group"])


def _own_group(call: Call) -> Json:
    return call.org.state.own_group(call.path_params["group"])


def _changed(call: Call, group: Json, event_type: str) -> Response:
    call.org.state.groups[group["id"]] = group
    call.record(event_type, group_party(group))
    return json_answer(_shown(call, group))


def _shown(call: Call, group: Json) -> Json:
    """Return a group with its links, and with what ``expand`` embeds; it has no logos and apps."""
    url = f"{call.origin}{_GROUPS}/{group['id']}"
    shown = {**group, "_links": {name: {"href": f"{url}/{name}"} for name in ("users", "apps")}}
    if "stats" in lists.expanded(call, ("stats", "app")):
        counts = dict.fromkeys(("appsCount", "groupPushMappingsCount"), 0)
        stats = {"usersCount": len(call.org.state.members[group["id"]]), **counts}
        # The name is spelled as in Okta's reference.
        shown["_embedded"] = {"stats": {**stats, "hasAdminPrivlege": False}}
    return shown


def _profile(body: Json) -> Json:
    check = Validation("group")
    profile = check.object(body, "profile") or {}
    if isinstance(body.get("profile"), dict):
        check.text(profile, "name", longest=255)
    description = check.optional_text(profile, "description", longest=1024)
    for name in profile:
        if name not in _ATTRIBUTES:
            check.unknown(name, "the group profile")
    check.refuse_if_any()
    return {"name": profile["name"], "description": description}

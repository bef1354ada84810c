"""The Users API: ``/api/v1/users``, without lifecycle operations and credentials."""

from hashlib import sha256

from starlette.responses import Response

from okhook.sandbox import refusals
from okhook.sandbox.call import Call, Endpoint, json_answer
from okhook.sandbox.lists import check_unused
from okhook.sandbox.log_entries import user_party
from okhook.sandbox.routes_groups import change_membership
from okhook.sandbox.routes_lifecycle import change_status
from okhook.sandbox.state import Json, whole_seconds
from okhook.sandbox.user_body import UserDraft, read_user
from okhook.sandbox.user_list import USERS, list_users, user_answer
from okhook.sandbox.users import activated_status, new_user, with_new_password
from okhook.wire.delivery import body_of

_MOST_GROUPS = 20
"""Okta's limit of groups for a new user."""


async def _create_user(call: Call) -> Response:
    """Create a user and, unless ``activate`` is false, activate it: two events close together."""
    body, state = await call.json_object(), call.org.state
    with_provider = call.switch("provider", default=False)
    draft = read_user(body, state.custom, with_provider=with_provider)
    _check_type(body, state.user_type_id)
    check_unused("login", draft.profile, state.users.values())
    groups = _groups_of(body, call)
    activate = call.switch("activate", default=True)
    status = _status_of_new(call, draft, activate=activate)
    user = new_user(
        draft.profile,
        draft.credentials,
        user_type_id=state.user_type_id,
        status=status,
        now=whole_seconds(call.org.now()),
    )
    state.users[user["id"]] = user
    state.kept[user["id"]] = draft.kept
    state.members[state.everyone["id"]].append(user["id"])
    call.record("user.lifecycle.create", user_party(user))
    for group in groups:
        change_membership(call, user, group, adds=True)
    if activate:
        call.record("user.lifecycle.activate", user_party(user))
    return user_answer(call, user)


async def _get_user(call: Call) -> Response:
    user = call.user()
    answer = user_answer(call, user)
    answer.headers["ETag"] = _entity_tag(user)
    return answer


async def _update_user(call: Call) -> Response:
    """Change what is in the body (POST), or replace the profile (PUT)."""
    body = await call.json_object()
    user, state = call.user(), call.org.state
    _check_version(call, user)
    draft = read_user(body, state.custom, user, replaces=call.request.method == "PUT")
    _check_type(body, state.user_type_id)
    others = [each for each in state.users.values() if each is not user]
    check_unused("login", draft.profile, others)
    changed = _updated(user, draft, whole_seconds(call.org.now()))
    state.users[user["id"]] = changed
    state.keep(user, draft.kept)
    call.org.changed()
    if names := _changed_attributes(user["profile"], draft.profile):
        call.record("user.account.update_profile", user_party(changed), changedAttributes=names)
    if draft.has_new_password:
        call.record("user.account.update_password", user_party(changed))
    return user_answer(call, changed)


async def _delete_user(call: Call) -> Response:
    """Deactivate a user, or delete a DEPROVISIONED one, also from its groups."""
    user, state = call.user(), call.org.state
    if user["status"] != "DEPROVISIONED":
        change_status(call, "deactivate")
        return Response(status_code=204)
    del state.users[user["id"]]
    state.kept.pop(user["id"], None)
    for members in state.members.values():
        if user["id"] in members:
            members.remove(user["id"])
    call.record("user.lifecycle.delete.initiated", user_party(user))
    call.record("user.lifecycle.delete.completed", user_party(user))
    return Response(status_code=204)


async def _list_nothing(call: Call) -> Response:
    """Answer for what no user of the sandbox has."""
    call.user()
    return json_answer([])


async def _clear_sessions(call: Call) -> Response:
    call.record("user.session.clear", user_party(call.user()))
    return Response(status_code=204)


_USER = f"{USERS}/{{user}}"

ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", USERS, list_users),
    ("POST", USERS, _create_user),
    ("GET", _USER, _get_user),
    ("POST", _USER, _update_user),
    ("PUT", _USER, _update_user),
    ("DELETE", _USER, _delete_user),
    ("GET", f"{_USER}/appLinks", _list_nothing),
    ("GET", f"{_USER}/blocks", _list_nothing),
    ("DELETE", f"{_USER}/sessions", _clear_sessions),
)


def _entity_tag(user: Json) -> str:
    """Return what identifies this version of a user."""
    return f'W/"{sha256(body_of(user)).hexdigest()[:16]}"'


def _check_version(call: Call, user: Json) -> None:
    """Refuse an update with ``If-Match`` if the user was changed since the client read it."""
    expected = call.request.headers.get("if-match", "*")
    tags = [tag.strip().removeprefix("W/") for tag in expected.split(",")]
    if not {"*", _entity_tag(user).removeprefix("W/")} & set(tags):
        raise refusals.precondition_failed()


def _updated(user: Json, draft: UserDraft, now: str) -> Json:
    changed = {**user, "profile": draft.profile, "credentials": draft.credentials}
    if draft.has_new_password:
        return with_new_password(changed, now)
    return user if changed == user and not draft.kept else {**changed, "lastUpdated": now}


def _changed_attributes(before: Json, after: Json) -> str:
    """Return the names of the attributes that differ, as the System Log joins them."""
    names = dict.fromkeys([*before, *after])
    return ",".join(name for name in names if before.get(name) != after.get(name))


def _groups_of(body: Json, call: Call) -> list[Json]:
    ids = body.get("groupIds")
    if ids is None:
        return []
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise refusals.invalid("newUser", "groupIds: must be an array of group ids")
    if len(ids) > _MOST_GROUPS:
        raise refusals.too_many_groups()
    return [call.org.state.own_group(group_id) for group_id in dict.fromkeys(ids)]


def _status_of_new(call: Call, draft: UserDraft, *, activate: bool) -> str:
    next_login = call.request.query_params.get("nextLogin", "")
    if next_login not in ("", "changePassword"):
        raise refusals.invalid("nextLogin", "nextLogin: must be changePassword")
    if next_login and not activate:
        raise refusals.expired_without_activation()
    if next_login and not draft.has_new_password:
        raise refusals.expired_without_password()
    if not activate:
        return "STAGED"
    return "PASSWORD_EXPIRED" if next_login else activated_status(draft._asdict())


def _check_type(body: Json, type_id: str) -> None:
    chosen = body.get("type")
    type_id_sent = chosen.get("id") if isinstance(chosen, dict) else chosen
    if chosen is not None and type_id_sent != type_id:
        raise refusals.invalid("type", "type: the org has only one user type")

"""What the org tells of itself: its settings, its only user type, and the schema of its users."""

from starlette.responses import Response

from okhook.sandbox.call import Call, Endpoint, json_answer
from okhook.sandbox.refusals import Validation, not_found
from okhook.sandbox.state import Json
from okhook.sandbox.user_schema import REQUIRED, base_attributes, check_custom

_ABSENT = (
    *("address1", "address2", "city", "country", "endUserSupportHelpURL", "expiresAt"),
    *("phoneNumber", "postalCode", "state", "supportPhoneNumber", "website"),
)
_TYPES = "/api/v1/meta/types/user"
_SCHEMAS = "/api/v1/meta/schemas/user"


async def _get_org(call: Call) -> Response:
    created = call.org.state.admin["created"]
    return json_answer(
        {
            "id": _own_id(call, "00o"),
            "companyName": "okhook sandbox",
            "subdomain": "sandbox",
            "status": "ACTIVE",
            "created": created,
            "lastUpdated": created,
            **dict.fromkeys(_ABSENT),
        }
    )


async def _list_user_types(call: Call) -> Response:
    return json_answer([_user_type(call)])


async def _get_user_type(call: Call) -> Response:
    _check_name(call, call.org.state.user_type_id, "UserType")
    return json_answer(_user_type(call))


async def _get_schema(call: Call) -> Response:
    _check_name(call, _own_id(call, "osc"), "UserSchema")
    return json_answer(_schema(call))


async def _update_schema(call: Call) -> Response:
    """Add and change attributes of the org's own, or remove them, also from users, with null."""
    _check_name(call, _own_id(call, "osc"), "UserSchema")
    body, check = await call.json_object(), Validation("schema")
    definitions = check.object(body, "definitions") or {}
    custom = check.object(definitions, "definitions.custom") or {}
    properties = check.object(custom, "definitions.custom.properties") or {}
    changed = check_custom(properties, check)
    check.refuse_if_any()
    state, gone = call.org.state, {name for name, each in changed.items() if each is None}
    merged = {**state.custom, **changed}
    state.custom = {name: each for name, each in merged.items() if each is not None}
    state.users = {user_id: _without(user, gone) for user_id, user in state.users.items()}
    call.org.changed()
    return json_answer(_schema(call))


ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", "/api/v1/org", _get_org),
    ("GET", _TYPES, _list_user_types),
    ("GET", f"{_TYPES}/{{name}}", _get_user_type),
    ("GET", f"{_SCHEMAS}/{{name}}", _get_schema),
    ("POST", f"{_SCHEMAS}/{{name}}", _update_schema),
)


def _without(user: Json, gone: set[str]) -> Json:
    kept = {name: value for name, value in user["profile"].items() if name not in gone}
    return {**user, "profile": kept}


def _own_id(call: Call, prefix: str) -> str:
    """Return an id that belongs to the org for good, as that of its user type does."""
    return prefix + call.org.state.user_type_id[len(prefix) :]


def _check_name(call: Call, own_id: str, kind: str) -> None:
    name = call.path_params["name"]
    if name not in ("default", own_id):
        raise not_found(name, kind)


def _user_type(call: Call) -> Json:
    state = call.org.state
    created = state.admin["created"]
    return {
        "id": state.user_type_id,
        "name": "user",
        "displayName": "User",
        "description": "Okta user profile template with default permission settings",
        "default": True,
        "created": created,
        "createdBy": state.admin_id,
        "lastUpdated": created,
        "lastUpdatedBy": state.admin_id,
        "_links": {
            "self": {"href": f"{call.origin}{_TYPES}/{state.user_type_id}"},
            "schema": {"href": f"{call.origin}{_SCHEMAS}/{_own_id(call, 'osc')}"},
        },
    }


def _schema(call: Call) -> Json:
    url = f"{call.origin}{_SCHEMAS}/{_own_id(call, 'osc')}"
    created = call.org.state.admin["created"]
    base, custom = base_attributes(), call.org.state.custom
    return {
        "id": url,
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "user",
        "title": "User",
        "type": "object",
        "created": created,
        "lastUpdated": created,
        "definitions": {
            "base": _definition("#base", base, REQUIRED),
            "custom": _definition("#custom", custom, ()),
        },
        "properties": {
            "profile": {"allOf": [{"$ref": f"#/definitions/{part}"} for part in ("custom", "base")]}
        },
        "_links": {"self": {"href": url}},
    }


def _definition(name: str, properties: Json, required: tuple[str, ...]) -> Json:
    return {"id": name, "type": "object", "properties": properties, "required": list(required)}

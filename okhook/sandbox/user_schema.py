"""The schema of a user's profile: Okta's attributes, and those that the org adds."""

import re
from collections.abc import Mapping
from typing import Any, Final

from okhook.sandbox.refusals import Validation
from okhook.sandbox.state import Json
from okhook.wire.user_attributes import user_attributes

REQUIRED: Final = ("login", "firstName", "lastName", "email")
_EMAILS: Final = ("email", "secondEmail")
_LONGEST: Final = 4096
_LONGEST_NAME: Final = 100
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_SETTINGS: Final[Json] = {
    "mutability": "READ_WRITE",
    "scope": "NONE",
    "permissions": [{"principal": "SELF", "action": "READ_ONLY"}],
    "master": {"type": "PROFILE_MASTER"},
}
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
}
ATTRIBUTE_TYPES: Final = tuple(_TYPES)


def base_attributes() -> dict[str, Json]:
    """Return Okta's attributes as the schema shows them."""
    return {name: _base_attribute(name, *row) for name, row in user_attributes().items()}


def check_custom(properties: Json, check: Validation) -> dict[str, Json | None]:
    """Return the attributes that an org adds to its users, or None for each one it removes."""
    chosen: dict[str, Json | None] = {}
    for name, given in properties.items():
        if not _NAME.fullmatch(name) or name in base_attributes():
            check.add(name[:_LONGEST_NAME], "cannot be the name of an attribute")
        elif given is None:
            chosen[name] = None
        elif isinstance(given, dict) and given.get("type") in ATTRIBUTE_TYPES:
            title = check.text(given, f"{name}.title")
            items = {"items": {"type": "string"}} if given["type"] == "array" else {}
            chosen[name] = {"title": title, "type": given["type"], **items, **_SETTINGS}
        else:
            check.add(name, f"must be an object with a type: {', '.join(ATTRIBUTE_TYPES)}")
    return chosen


def check_profile(profile: Json, sent: Json, custom: Mapping[str, Json], check: Validation) -> None:
    """Add the faults of a profile, and of the part of it that was ``sent``.

    ``custom`` are the attributes that the org added.
    """
    base = base_attributes()
    for name in REQUIRED:
        value = profile.get(name)
        if value is None or value == "" or str(value).isspace():
            check.attribute(name, f"{name}: The field cannot be left blank")
        else:
            check.optional_text(profile, name, longest=base[name]["maxLength"])
    for name, value in sent.items():
        attribute = base.get(name) or custom.get(name)
        if attribute is None:
            check.unknown(name, "the user profile")
        elif value is not None and name not in REQUIRED:
            _check_value(name, value, attribute, check)
    email = profile.get("email")
    if isinstance(email, str) and email.strip() and not is_email(email):
        check.add("email", "must be an email address")
    if not is_email(str(profile.get("login"))):
        check.attribute("login", "login: Username must be in the form of an email address")


def is_email(text: str) -> bool:
    """Tell whether a text has the form of an email address."""
    name, at, host = text.rpartition("@")
    labels = host.split(".")
    plain = text.isprintable() and " " not in text and "@" not in name
    return bool(at and name and plain and len(labels) > 1 and all(labels))


def _check_value(name: str, value: Any, attribute: Json, check: Validation) -> None:  # noqa: ANN401 - JSON
    kind = attribute["type"]
    is_right = isinstance(value, _TYPES[kind]) and (
        kind == "boolean" or not isinstance(value, bool)
    )
    if is_right and kind == "array":
        is_right = all(isinstance(each, str | int | float) for each in value)
    if not is_right:
        check.add(name, f"must be of the type {kind}")
    elif kind == "string":
        check.optional_text({name: value}, name, longest=attribute.get("maxLength", _LONGEST))
    if is_right and name in _EMAILS and value and not is_email(value):
        check.add(name, "must be an email address")


def _base_attribute(name: str, shortest: int, longest: int, title: str) -> Json:
    return {
        "title": title,
        "type": "string",
        **({"format": "email"} if name in _EMAILS else {}),
        **({"required": True} if name in REQUIRED else {}),
        **({"minLength": shortest} if shortest else {}),
        **({"maxLength": longest} if longest else {}),
        **_SETTINGS,
    }

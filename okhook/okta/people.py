"""What users and groups have in common on the wire: an id that may stand in a path, and texts."""

import re
from collections.abc import Mapping
from typing import Any

from okhook.errors import InvalidInput
from okhook.okta.answers import UnexpectedAnswer, wrong_type

_ID = re.compile(r"[A-Za-z0-9]{1,64}")


def id_of(entry: Mapping[str, Any], what: str) -> str:
    """Return the id of what an org answered; ``what`` names it in an error.

    Raises:
        UnexpectedAnswer: it has none, or one that would lead elsewhere in a path.

    """
    found = text_of(entry, "id")
    if not _ID.fullmatch(found):
        raise UnexpectedAnswer(f"the org's answer makes no sense: the {what}'s id is not an id")
    return found


def text_of(entry: Mapping[str, Any], key: str) -> str:
    """Return a text that has to be there, such that UTF-8 can carry it.

    Raises:
        UnexpectedAnswer: it is missing, or no text.

    """
    value = entry.get(key)
    if not isinstance(value, str):
        raise wrong_type(key, "a string", value)
    return value.encode("utf-8", "replace").decode()


def in_path(given: str, what: str) -> str:
    """Return an id that is to stand in a path; ``what`` names it in an error.

    Raises:
        InvalidInput: it is none.

    """
    if not _ID.fullmatch(given):
        raise InvalidInput(f"that is not the id of a {what}: one looks like 00ub0oNGTSWTBKOLGLNR")
    return given

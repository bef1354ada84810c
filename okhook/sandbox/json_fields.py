"""Read the fields of a JSON body; what cannot be meant is collected as causes of one refusal."""

from collections.abc import Mapping
from typing import Any, final

from okhook.sandbox.refusals import invalid

JsonObject = Mapping[str, Any]

_MOST_ATTRIBUTES = 200
_LONGEST_SHOWN = 100


@final
class Faults:
    """What is wrong with a body, in the order it was found. ``subject`` is what it describes."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._causes: list[str] = []

    def add(self, where: str, cause: str) -> None:
        """Note that the value at ``where`` is wrong."""
        self._causes.append(f"{where}: {cause}")

    def refuse_if_any(self) -> None:
        """Raise the refusal that tells all of it.

        Raises:
            ApiRefusal: something was noted.

        """
        if self._causes:
            raise invalid(self._subject, *self._causes)

    def text(self, source: JsonObject, key: str, where: str, *, longest: int = 1024) -> str:
        """Return a text that must be there and not be empty; "" once it was noted as wrong."""
        value = source.get(key)
        if not isinstance(value, str) or not value.strip():
            self.add(where, "must be a text that is not empty")
            return ""
        return value if self._fits(value, where, longest) else ""

    def optional_text(
        self, source: JsonObject, key: str, where: str, *, longest: int = 1024
    ) -> str | None:
        """Return a text, or None where there is none or it is wrong."""
        value = source.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.add(where, "must be a text")
            return None
        return value if self._fits(value, where, longest) else None

    def object(self, source: JsonObject, key: str, where: str) -> JsonObject:
        """Return an object that must be there; an empty one once it was noted as wrong."""
        value = source.get(key)
        if not isinstance(value, dict):
            self.add(where, "must be an object")
            return {}
        return value

    def objects(self, source: JsonObject, key: str, where: str) -> list[JsonObject]:
        """Return an array of objects; an empty one where there is none or it is wrong."""
        value = source.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.add(where, "must be an array of objects")
            return []
        return value

    def attributes(self, profile: JsonObject, where: str) -> None:
        """Note attributes that no profile can have, and too many of them."""
        if len(profile) > _MOST_ATTRIBUTES:
            self.add(where, f"must not have more than {_MOST_ATTRIBUTES} attributes")
        for name, value in profile.items():
            elements = value if isinstance(value, list) else [value]
            if any(isinstance(element, dict | list) for element in elements):
                shown = name.encode("utf-8", "replace").decode()[:_LONGEST_SHOWN]
                self.add(shown, "must be a text, a number, a boolean or an array of these")

    def constant(self, source: JsonObject, key: str, where: str, only: str) -> None:
        """Note a value that is not the only one there is."""
        if source.get(key) != only:
            self.add(where, f"must be {only}")

    def _fits(self, value: str, where: str, longest: int) -> bool:
        if len(value) > longest:
            self.add(where, f"must not be longer than {longest} characters")
            return False
        if not _is_utf8(value):
            self.add(where, "holds half of a surrogate pair")
            return False
        return True


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

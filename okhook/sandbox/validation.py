"""Read the members of a JSON body, and refuse it with every cause at once."""

from typing import final

from okhook.sandbox.refusals import invalid
from okhook.sandbox.state import Json

_MOST_ATTRIBUTES = 200
_LONGEST_SHOWN = 100


@final
class Validation:
    """What is wrong with a body, in the order it was found. ``subject`` is what it describes.

    Each method reads one member of an object. ``path`` is the member's place in the body, as a
    cause names it; its last part is the member's name.
    """

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._causes: list[str] = []

    def add(self, path: str, cause: str) -> None:
        """Note that the value at ``path`` is wrong."""
        self._causes.append(f"{path}: {cause}")

    def refuse_if_any(self) -> None:
        """Raise the refusal that tells all of it.

        Raises:
            ApiRefusal: something was noted.
        """
        if self._causes:
            raise invalid(self._subject, *self._causes)

    def text(self, source: Json, path: str, *, longest: int = 1024) -> str:
        """Return a text that must be there and not be empty; "" once it was noted as wrong."""
        value = source.get(_name(path))
        if not isinstance(value, str) or not value.strip():
            self.add(path, "must be a text that is not empty")
            return ""
        return value if self._fits(value, path, longest) else ""

    def optional_text(self, source: Json, path: str, *, longest: int = 1024) -> str | None:
        """Return a text, or None where it is absent or wrong."""
        value = source.get(_name(path))
        if value is None:
            return None
        if not isinstance(value, str):
            self.add(path, "must be a text")
            return None
        return value if self._fits(value, path, longest) else None

    def object(self, source: Json, path: str) -> Json:
        """Return an object that must be there; an empty one once it was noted as wrong."""
        value = source.get(_name(path))
        if not isinstance(value, dict):
            self.add(path, "must be an object")
            return {}
        return value

    def objects(self, source: Json, path: str) -> list[Json]:
        """Return an array of objects; an empty one where it is absent or wrong."""
        value = source.get(_name(path))
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.add(path, "must be an array of objects")
            return []
        return value

    def attributes(self, profile: Json) -> None:
        """Note attributes that no profile can have, and too many of them."""
        if len(profile) > _MOST_ATTRIBUTES:
            self.add("profile", f"must not have more than {_MOST_ATTRIBUTES} attributes")
        for name, value in profile.items():
            elements = value if isinstance(value, list) else [value]
            if any(isinstance(element, dict | list) for element in elements):
                shown = name.encode("utf-8", "replace").decode()[:_LONGEST_SHOWN]
                self.add(shown, "must be a text, a number, a boolean or an array of these")

    def constant(self, source: Json, path: str, only: str) -> None:
        """Note a value that is not the only one there is."""
        if source.get(_name(path)) != only:
            self.add(path, f"must be {only}")

    def _fits(self, value: str, path: str, longest: int) -> bool:
        if len(value) > longest:
            self.add(path, f"must not be longer than {longest} characters")
            return False
        try:
            value.encode()
        except UnicodeEncodeError:
            self.add(path, "holds half of a surrogate pair")
            return False
        return True


def _name(path: str) -> str:
    return path.rpartition(".")[2]

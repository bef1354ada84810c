"""Read the members of a JSON body, and refuse it with all causes at once."""

from dataclasses import dataclass, field
from typing import final

from okhook.sandbox.refusals import invalid
from okhook.sandbox.state import Json

_MOST_ATTRIBUTES = 200
_LONGEST_SHOWN = 100


@final
@dataclass
class Validation:
    """Collects the faults of a body that describes a ``subject``.

    ``path`` is the place of a member in the body; its last part is the member's name.
    """

    subject: str
    _causes: list[str] = field(default_factory=list)

    def add(self, path: str, cause: str) -> None:
        """Add a fault of the value at ``path``."""
        self._causes.append(f"{path}: {cause}")

    def refuse_if_any(self) -> None:
        """Raise ``ApiRefusal`` if there are faults."""
        if self._causes:
            raise invalid(self.subject, *self._causes)

    def text(self, source: Json, path: str, *, longest: int = 1024) -> str:
        """Return a text that is required; "" if it is invalid."""
        value = source.get(_name(path))
        if not isinstance(value, str) or not value.strip():
            self.add(path, "must be a text that is not empty")
            return ""
        return value if self._fits(value, path, longest) else ""

    def optional_text(self, source: Json, path: str, *, longest: int = 1024) -> str | None:
        """Return a text; None if it is absent or invalid."""
        value = source.get(_name(path))
        if value is None:
            return None
        if not isinstance(value, str):
            self.add(path, "must be a text")
            return None
        return value if self._fits(value, path, longest) else None

    def object(self, source: Json, path: str) -> Json | None:
        """Return an object that is required; None if it is invalid."""
        value = source.get(_name(path))
        if not isinstance(value, dict):
            self.add(path, "must be an object")
            return None
        return value

    def objects(self, source: Json, path: str) -> list[Json]:
        """Return an array of objects; an empty one if it is absent or invalid."""
        value = source.get(_name(path))
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.add(path, "must be an array of objects")
            return []
        return value

    def attributes(self, profile: Json) -> None:
        """Check the number of attributes of a profile and the types of their values."""
        if len(profile) > _MOST_ATTRIBUTES:
            self.add("profile", f"must not have more than {_MOST_ATTRIBUTES} attributes")
        for name, value in profile.items():
            elements = value if isinstance(value, list) else [value]
            if any(isinstance(element, dict | list) for element in elements):
                shown = name.encode("utf-8", "replace").decode()[:_LONGEST_SHOWN]
                self.add(shown, "must be a text, a number, a boolean or an array of these")

    def constant(self, source: Json, path: str, only: str) -> None:
        """Check a value that can only be ``only``."""
        if source.get(_name(path)) != only:
            self.add(path, f"must be {only}")

    def _fits(self, value: str, path: str, longest: int) -> bool:
        if len(value) > longest:
            self.add(path, f"must not be longer than {longest} characters")
            return False
        try:
            value.encode()
        except UnicodeEncodeError:
            self.add(path, "must not contain half of a surrogate pair")
            return False
        return True


def _name(path: str) -> str:
    return path.rpartition(".")[2]

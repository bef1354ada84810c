"""Activities: what happens that a person or a script may want to see. They are not stored.

One stream of them goes from the rooms to the screen. An activity is a frozen dataclass. Its JSON
line is its ``type`` and its fields (see :mod:`okhook.json_form`), as the manual promises.
How it looks to a person is up to the command's view.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, dataclass_transform

from okhook.json_form import JsonObject, fields_as_json, written_fields


@dataclass_transform(frozen_default=True)
class Activity:
    """Something a person may see happen. ``type`` names its JSON line.

    Every subclass becomes a frozen dataclass.
    """

    type: ClassVar[str]
    json_fields: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)

    def to_json(self) -> JsonObject:
        """Return the whole JSON line as an object."""
        return {"type": self.type, **fields_as_json(self)}


def schema() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the type and the field names, in order, of every activity that was imported."""
    below: list[Any] = list(Activity.__subclasses__())
    for activity in below:
        below += activity.__subclasses__()
        yield activity.type, tuple(field.name for field in written_fields(activity))


class ReceiverReady(Activity):
    """The receiver listens at ``url``; ``auth`` tells whether it asks for a secret."""

    type = "ready"
    url: str
    auth: bool


@dataclass(frozen=True, slots=True)
class StoreGrew:
    """Every record up to ``seq`` can be read from the store, and its duplicates are known.

    It is not an activity: a screen reads the new records from the store.
    """

    seq: int


class Warned(Activity):
    """Something that should not be overlooked, although the command goes on."""

    type = "warning"
    text: str


class Failed(Activity):
    """The command ended with an error."""

    type = "error"
    exit_code: int
    what: str
    why: str | None
    next_step: str | None


class Stopped(Activity):
    """The command ended as it should."""

    type = "stopped"


Published = Activity | StoreGrew
"""What a hub publishes."""

"""Activities: what happens that a person or a script may want to see. They are not stored.

The JSON line of an activity is its ``type`` and its fields (see :mod:`okhook.json_form`). The view
of each command decides how it looks to a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar, dataclass_transform

from okhook.json_form import JsonObject, fields_as_json, rounded, written_fields
from okhook.wire.url import EACH_WITHOUT_CREDENTIALS


@dataclass_transform(frozen_default=True)
class Activity:
    """Base class. Every subclass becomes a frozen dataclass; ``type`` is that of its JSON line."""

    type: ClassVar[str]
    json_fields: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)

    def to_json(self) -> JsonObject:
        """Return the whole JSON line as an object."""
        return {"type": self.type, **fields_as_json(self)}


A = TypeVar("A", bound=Activity)


def schema() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the type and the field names of every imported activity."""
    below: list[Any] = list(Activity.__subclasses__())
    for activity in below:
        below += activity.__subclasses__()
        yield activity.type, tuple(field.name for field in written_fields(activity))


class ReceiverReady(Activity):
    """The receiver listens at ``url``. With ``auth`` it requires a secret."""

    type = "ready"
    url: str
    auth: bool


@dataclass(frozen=True, slots=True)
class StoreGrew:
    """The store has all records up to ``seq``. Screens read the new records from it."""

    seq: int


class Warned(Activity):
    """A warning; the command goes on."""

    type = "warning"
    text: str


class StoreTrouble(Warned):
    """The store does not work. Requests get 503, and nothing is forwarded, until it is back."""

    type = "warning"


class ForwardingWaits(Warned):
    """Forwarding waits for the store."""

    type = "warning"


class StoreRecovered(Activity):
    """The ``store`` works again, ``down_s`` after a warning."""

    type = "store_recovered"
    store: str
    down_s: float


class Failed(Activity):
    """The command ended with an error."""

    type = "error"
    exit_code: int
    what: str
    why: str | None
    next_step: str | None


class Stopping(Activity):
    """The command ends, and waits up to ``within_s`` for what it has begun.

    That is ``requests`` to the receiver, or deliveries that are being sent to ``targets``.
    """

    type = "stopping"
    within_s: Annotated[float, rounded(1)]
    requests: int = 0
    targets: Annotated[tuple[str, ...], EACH_WITHOUT_CREDENTIALS] = ()


TELL_AFTER_S = 0.3
"""How long a command that ends may wait without a word."""


class Stopped(Activity):
    """The command ended without an error."""

    type = "stopped"


Published = Activity | StoreGrew
"""What a hub publishes."""

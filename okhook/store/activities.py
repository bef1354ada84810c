"""What a person sees of the store's own work."""

from dataclasses import dataclass

from okhook.activity import Activity


@dataclass(frozen=True, slots=True)
class Pruned(Activity):
    """What of the store was old enough to go, and how much of it is gone.

    ``count`` records of ``size_bytes`` were to go, ``removed`` of them went; ``held`` others stay,
    because an app has not taken them yet.
    """

    type = "pruned"
    count: int
    removed: int
    size_bytes: int
    held: int

"""One forwarder per target at a time: who forwards holds the target."""

from typing import Protocol


class HeldElsewhere(Exception):
    """Another process holds the target."""


class HoldLost(Exception):
    """Another process took the target over: the store refuses the outcomes of this one."""


class Hold(Protocol):
    """A target that this process holds: of the receivers of one name, it alone forwards to it."""

    async def confirm(self) -> None:
        """Return if it is still held, or raise ``HoldLost``. Ask just before each attempt."""

    async def lost(self) -> None:
        """Wait until it is known to be lost."""

    @property
    def is_sure(self) -> bool:
        """Whether no other process can hold it now, as far as this one knows without asking."""

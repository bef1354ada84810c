"""Whether the store works: one report when it stops working, and one when it works again."""

import threading
from collections.abc import Callable

from okhook.errors import StoreFailed


class Trouble:
    """Knows which parts of a store fail now. Its methods may be called from any thread."""

    def __init__(
        self, *, went: Callable[[StoreFailed], None], came_back: Callable[[], None]
    ) -> None:
        self._went = went
        self._came_back = came_back
        self._failing: set[str] = set()
        self._alone = threading.Lock()

    def failed(self, part: str, error: StoreFailed) -> None:
        """Report that a part failed."""
        with self._alone:
            is_first = not self._failing
            self._failing.add(part)
        if is_first:
            self._went(error)

    def worked(self, part: str) -> None:
        """Report that a part works."""
        with self._alone:
            was_last = self._failing == {part}
            self._failing.discard(part)
        if was_last:
            self._came_back()

    def is_failing(self, part: str) -> bool:
        """Return whether a part failed when it was last used."""
        return part in self._failing

"""Keep the org's file up to date while the org runs."""

from pathlib import Path
from typing import final

import anyio
import anyio.to_thread

from okhook.errors import ConfigurationError
from okhook.sandbox.saved_org import org_text, write_org
from okhook.sandbox.state import OrgState
from okhook.sandbox.system_log import SystemLog

_PAUSE_S = 0.1
"""How long changes gather before they are written."""


@final
class Keeper:
    """Writes the org to ``path`` soon after it changed."""

    def __init__(self, path: Path, state: OrgState, log: SystemLog) -> None:
        self._path = path
        self._state = state
        self._log = log
        self._changed = anyio.Event()

    def changed(self) -> None:
        """Take note that there is something to write."""
        self._changed.set()

    async def run(self) -> None:
        """Write until cancelled; what changed last is then written before this returns.

        Raises:
            ConfigurationError: the file cannot be written.

        """
        try:
            while True:
                await self._changed.wait()
                await anyio.sleep(_PAUSE_S)
                await self.write()
        finally:
            if self._changed.is_set():
                with anyio.CancelScope(shield=True):
                    await self.write()

    async def write(self) -> None:
        """Write the org as it is now.

        Raises:
            ConfigurationError: the file cannot be written.

        """
        self._changed = anyio.Event()
        content = org_text(self._state, self._log)
        try:
            await anyio.to_thread.run_sync(write_org, self._path, content)
        except OSError as error:
            raise ConfigurationError(
                f"{self._path} cannot be written", why=error.strerror or str(error)
            ) from error

"""Processes that tests started, found by their home wherever they ended up."""

from contextlib import suppress
from pathlib import Path

import psutil


def processes_at_home_in(directory: Path) -> list[psutil.Process]:
    """Return the running processes whose home is ``directory`` or below it.

    An okhook that was killed leaves children that are nobody's: they are found too.
    """
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            home = Path(process.environ().get("HOME", "/"))
            if home.is_relative_to(directory) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found

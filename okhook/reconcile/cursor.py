"""Up to where a hook is known to be complete: kept between runs, in the state directory."""

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import final

from okhook.wire.org import Org


@final
class ReconcileCursor:
    """The cursor of one hook. A file that is lost costs no more than reading the log again."""

    def __init__(self, state: Path, org: Org, hook_id: str) -> None:
        self._org_url = org.url
        self._hook_id = hook_id
        name = hashlib.sha256(f"{org.url} {hook_id}".encode()).hexdigest()[:16]
        self._path = state / "reconcile" / f"{name}.json"

    def read(self) -> datetime | None:
        """Return the moment before which nothing is open; None where nobody has looked yet."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            moment = datetime.fromisoformat(content["complete_until"])
            return moment.astimezone(UTC) if moment.tzinfo else None
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None

    def write(self, complete_until: datetime) -> None:
        """Keep the moment; where it cannot be written the next run reads more."""
        content = {
            "org": self._org_url,
            "hook_id": self._hook_id,
            "complete_until": complete_until.isoformat(),
        }
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = self._path.with_suffix(".tmp")
            fresh.write_text(json.dumps(content), encoding="utf-8")
            fresh.replace(self._path)

"""What the org needs from outside, in one value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from okhook.activity import Activity
from okhook.http.client import HttpClient
from okhook.runtime.ids import IdSource


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The client that calls hooks, who is told what happens, the clock, and where ids come from.

    ``publish`` must not wait; ``now`` gives aware UTC.
    """

    client: HttpClient
    publish: Callable[[Activity], None]
    now: Callable[[], datetime]
    ids: IdSource

    def new_request_id(self) -> str:
        """Return an id for a request, as Okta writes them: 32 hexadecimal digits."""
        return self.ids.uuid().replace("-", "")

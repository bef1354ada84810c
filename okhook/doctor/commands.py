"""The commands of okhook's that mend, as they can be pasted."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from okhook.runtime.running_here import LocalEndpoint

SECRET_FILE = "FILE"  # noqa: S105 - a word for the reader to replace
"""Stands in a command for the file that holds a secret, where none is known."""

SECRET_FILE_FLAG = "--auth-secret-file"  # noqa: S105 - a flag


@final
@dataclass(frozen=True, slots=True)
class Commands:
    """Writes commands that mean the same org and the same secret as this one.

    ``for_org`` writes one for the same org. ``secret`` are the flags that give another command the
    secret that is set here; none where it finds it by itself, or there is none. ``own_path`` is the
    path that a receiver has without being told.
    """

    for_org: Callable[..., str]
    secret: tuple[str, ...]
    own_path: str | None

    def with_secret(self, *words: str) -> str:
        """Return a command for the same org that has the secret which is set here."""
        return self.for_org(*words, *self.secret)

    def with_secret_in_file(self, *words: str) -> str:
        """Return a command for the same org, and how it gets a secret that is not known here."""
        line = self.for_org(*words, SECRET_FILE_FLAG, SECRET_FILE)
        return (
            f"{line}\nwhere {SECRET_FILE} holds the receiver's secret, and nothing else; okhook up"
            " makes its own if it is given none: start it with OKHOOK_AUTH_SECRET set"
        )

    def with_header(self, field: str, *words: str) -> str:
        """Return a command that has the secret, and the header ``field`` for it."""
        named = () if "--auth-field" in self.secret else ("--auth-field", field)
        return self.with_secret(*words, *named)

    def serve(self, endpoint: LocalEndpoint) -> str:
        """Return the command that starts a receiver there."""
        path = () if endpoint.path == self.own_path else ("--path", endpoint.path)
        return shlex.join(("okhook", "serve", "--port", str(endpoint.port), *path, *self.secret))

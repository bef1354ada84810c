"""The okhook commands that remedies name, ready to paste."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from okhook.runtime.running_here import LocalEndpoint

SECRET_FILE = "FILE"  # noqa: S105 - a word for the reader to replace
"""Stands in a command for the name of a file that holds the secret."""

SECRET_FILE_FLAG = "--auth-secret-file"  # noqa: S105 - a flag


@final
@dataclass(frozen=True, slots=True)
class Commands:
    """Writes commands for the same org and with the same secret as this run.

    ``for_org`` writes a command for the same org. ``secret`` are the flags with which a command
    finds the secret; it is empty if no flag is needed. ``own_path`` is the path of a receiver that
    gets no ``--path``.
    """

    for_org: Callable[..., str]
    secret: tuple[str, ...]
    own_path: str | None

    def with_secret(self, *words: str) -> str:
        """Return a command for the same org, with the flags for the secret."""
        return self.for_org(*words, *self.secret)

    def with_secret_in_file(self, *words: str) -> str:
        """Return a command that reads the secret from a file, and how to write that file."""
        line = self.for_org(*words, SECRET_FILE_FLAG, SECRET_FILE)
        return (
            f"{line}\nwhere {SECRET_FILE} holds the receiver's secret, and nothing else; okhook up"
            " makes its own if it is given none: start it with OKHOOK_AUTH_SECRET set"
        )

    def with_header(self, field: str, *words: str) -> str:
        """Return a command with the flags for the secret and for its header ``field``."""
        named = () if "--auth-field" in self.secret else ("--auth-field", field)
        return self.with_secret(*words, *named)

    def serve(self, endpoint: LocalEndpoint) -> str:
        """Return the command that starts a receiver at ``endpoint``."""
        path = () if endpoint.path == self.own_path else ("--path", endpoint.path)
        return shlex.join(("okhook", "serve", "--port", str(endpoint.port), *path, *self.secret))

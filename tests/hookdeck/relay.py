"""The web sockets of the listening CLIs: attempts go out, answers come back."""

from typing import Any, final

import anyio
from starlette.websockets import WebSocket

Json = dict[str, Any]


@final
class Relay:
    """Which CLI listens for which connections, and what it answered."""

    def __init__(self) -> None:
        self.answers: list[Json] = []
        self.undelivered: list[Json] = []
        self.joined = 0
        self._sockets: dict[WebSocket, list[str]] = {}
        self._changed = anyio.Event()

    def is_connected(self, webhook_ids: set[str]) -> bool:
        """Tell whether a CLI listens for one of these connections."""
        return any(webhook_ids.intersection(ids) for ids in self._sockets.values())

    async def change(self) -> None:
        """Wait until a CLI came, left or answered."""
        await self._changed.wait()

    def join(self, socket: WebSocket, webhook_ids: list[str]) -> None:
        """Take an accepted socket in."""
        self._sockets[socket] = webhook_ids
        self.joined += 1
        self._tell()

    def leave(self, socket: WebSocket) -> None:
        """Let a socket go that was closed."""
        self._sockets.pop(socket, None)
        self._tell()

    def take_answer(self, answer: Json) -> None:
        """Keep what a CLI answered."""
        self.answers.append(answer)
        self._tell()

    async def send(self, webhook_id: str, attempt: Json) -> None:
        """Send an attempt to whoever listens; to nobody, and it is gone, as at Hookdeck."""
        for socket, webhook_ids in list(self._sockets.items()):
            if webhook_id in webhook_ids:
                await socket.send_json({"event": "attempt", "type": "attempt", "body": attempt})
                return
        self.undelivered.append(attempt)

    async def drop_all(self) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            await socket.close(1012)
            self.leave(socket)

    def _tell(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

"""What the stand-in remembers: sources, destinations, connections, guests and sessions."""

import secrets
from typing import Any, final

Json = dict[str, Any]


def new_id(prefix: str) -> str:
    """Return an id of Hookdeck's form."""
    return f"{prefix}_{secrets.token_hex(6)}"


@final
class Records:
    """The account's records, by id. ``base`` is the stand-in's own address."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.team_id = new_id("tm")
        self.sources: dict[str, Json] = {}
        self.destinations: dict[str, Json] = {}
        self.connections: dict[str, Json] = {}
        self.sessions: dict[str, list[str]] = {}
        self.guest_keys: set[str] = set()

    def add_source(self, name: str) -> Json:
        """Make a source; its webhook URL is below ``/e/``."""
        source_id = new_id("src")
        source = {"id": source_id, "name": name, "url": f"{self._base}/e/{source_id}"}
        self.sources[source_id] = source
        return source

    def source_named(self, name: str) -> Json:
        """Return the source called ``name``."""
        return next(source for source in self.sources.values() if source["name"] == name)

    def add_connection(self, name: str, source_id: str, destination: Json) -> Json:
        """Connect a source to a new destination of type CLI."""
        kept = {"id": new_id("des"), "name": destination["name"], "type": "CLI", "config": {}}
        self.destinations[kept["id"]] = kept
        self.set_path(kept["id"], destination)
        connection = {"id": new_id("web"), "name": name, "source_id": source_id}
        self.connections[connection["id"]] = {**connection, "destination_id": kept["id"]}
        return self.connection(connection["id"])

    def set_path(self, destination_id: str, asked: Json) -> Json:
        """Store the path as ``config.path`` (2.x) and as ``cli_path`` (before); return it all."""
        destination = self.destinations[destination_id]
        path = asked.get("config", {}).get("path") or asked.get("cli_path")
        if path is not None:
            destination["config"] = {**destination["config"], "path": path}
            destination["cli_path"] = path
        return destination

    def connection(self, connection_id: str) -> Json:
        """Return a connection as the API shows it, its source and destination within."""
        kept = self.connections[connection_id]
        source = self.sources[kept["source_id"]]
        destination = self.destinations[kept["destination_id"]]
        return {
            "id": kept["id"],
            "name": kept["name"],
            "full_name": f"{source['name']} -> {destination['name']}",
            "source": source,
            "destination": destination,
            "rules": [],
        }

    def connections_of(self, source_id: str | None) -> list[Json]:
        """Return the connections of one source, or all of them."""
        return [
            self.connection(connection_id)
            for connection_id, kept in self.connections.items()
            if source_id in (None, kept["source_id"])
        ]

    def webhook_ids_of(self, source: str) -> set[str]:
        """Return the ids of the connections of the source called ``source``."""
        return {
            connection_id
            for connection_id, kept in self.connections.items()
            if self.sources[kept["source_id"]]["name"] == source
        }

    def path_of(self, connection_id: str) -> str:
        """Return the path that a connection's destination forwards to."""
        destination = self.connection(connection_id)["destination"]
        return str(destination["config"].get("path", "/"))

"""The stand-in's HTTP and web socket routes."""

import base64
import re
from typing import Any

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.hookdeck.cloud import API_KEY, HookdeckCloud
from tests.hookdeck.records import new_id

Json = dict[str, Any]

_VERSION = re.compile(r"^/\d{4}-\d{2}-\d{2}(?=/)")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_OPEN_PATHS = ("/cli/guest", "/cli-auth/poll", "/e/")


def cloud_app(cloud: HookdeckCloud) -> ASGIApp:
    """Return the whole stand-in as an ASGI app."""
    rest = _Rest(cloud)
    app = Starlette(
        routes=[
            Route("/cli/guest", rest.guest, methods=["POST"]),
            Route("/cli-auth/poll", rest.validate),
            Route("/cli-auth/validate", rest.validate),
            Route("/cli-auth/ci", rest.validate, methods=["POST"]),
            Route("/sources", rest.list_sources),
            Route("/sources", rest.create_source, methods=["POST"]),
            Route("/connections", rest.list_connections),
            Route("/connections", rest.create_connection, methods=["POST"]),
            Route("/destinations/{id}", rest.update_destination, methods=["PUT"]),
            Route("/cli-sessions", rest.create_session, methods=["POST"]),
            Route("/e/{source_id}", rest.webhook, methods=_METHODS),
            Route("/e/{source_id}/{below:path}", rest.webhook, methods=_METHODS),
            WebSocketRoute("/ws", rest.socket),
        ]
    )
    return _Gate(app, cloud)


class _Gate:
    """Takes the API version off the path, asks for the key, and applies the faults."""

    def __init__(self, app: ASGIApp, cloud: HookdeckCloud) -> None:
        self._app = app
        self._cloud = cloud

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._cloud.faults.hold()
        path = _VERSION.sub("", scope["path"])
        scope = {**scope, "path": path, "raw_path": path.encode()}
        if scope["type"] == "http" and not self._is_open(scope):
            answer = _fault(401, "Unauthorized")
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        if scope["path"].startswith(_OPEN_PATHS):
            return True
        known = {API_KEY, *self._cloud.records.guest_keys}
        return not self._cloud.faults.refuse_key and _key_of(HTTPConnection(scope)) in known


class _Rest:
    """The routes, as methods over one cloud."""

    def __init__(self, cloud: HookdeckCloud) -> None:
        self._cloud = cloud
        self._records = cloud.records
        self._relay = cloud.relay

    async def guest(self, _: Request) -> Response:
        key = new_id("guest-key")
        self._records.guest_keys.add(key)
        base = self._cloud.base
        return JSONResponse(
            {
                "id": new_id("usr"),
                "key": key,
                "link": f"{base}/console/guest?token={key[-6:]}",
                "browser_url": f"{base}/console/guest?token={key[-6:]}",
                "poll_url": f"{base}/cli-auth/poll?key={key}",
            }
        )

    async def validate(self, request: Request) -> Response:
        key = request.query_params.get("key") or _key_of(request)
        return JSONResponse(
            {
                "claimed": True,
                "key": key,
                "user_id": "usr_1",
                "user_name": "Test Person",
                "user_email": "person@example.com",
                "organization_id": "org_1",
                "organization_name": "Test Organization",
                "team_id": self._records.team_id,
                "team_name": "Test Project",
                "team_name_no_org": "Test Project",
                "team_mode": "console" if key in self._records.guest_keys else "inbound",
                "client_id": "cl_1",
            }
        )

    async def list_sources(self, request: Request) -> Response:
        name = request.query_params.get("name")
        found = [s for s in self._records.sources.values() if name in (None, s["name"])]
        return _models(found)

    async def create_source(self, request: Request) -> Response:
        return JSONResponse(self._records.add_source((await request.json())["name"]))

    async def list_connections(self, request: Request) -> Response:
        params = request.query_params
        source_id = params.get("source_id[0]") or params.get("source_id")
        return _models(self._records.connections_of(source_id))

    async def create_connection(self, request: Request) -> Response:
        asked = await request.json()
        made = self._records.add_connection(asked["name"], asked["source_id"], asked["destination"])
        return JSONResponse(made)

    async def update_destination(self, request: Request) -> Response:
        destination_id = request.path_params["id"]
        return JSONResponse(self._records.set_path(destination_id, await request.json()))

    async def create_session(self, request: Request) -> Response:
        if self._cloud.faults.refuse_session:
            return _fault(500, "no session today")
        session_id = new_id("sess")
        self._records.sessions[session_id] = (await request.json())["webhook_ids"]
        return JSONResponse({"id": session_id})

    async def webhook(self, request: Request) -> Response:
        """Answer as Hookdeck's cloud does: at once, whatever the local application will say."""
        challenge = request.headers.get("x-okta-verification-challenge")
        if request.method == "GET" and challenge:
            return JSONResponse({"verification": challenge})
        source_id = request.path_params["source_id"]
        if source_id not in self._records.sources:
            return _fault(404, "no such source")
        body = await request.body()
        for connection in self._records.connections_of(source_id):
            await self._relay.send(connection["id"], self._attempt(request, connection, body))
        return JSONResponse({"message": "Request accepted", "request_id": new_id("req")})

    def _attempt(self, request: Request, connection: Json, body: bytes) -> Json:
        event_id = new_id("evt")
        path = self._records.path_of(connection["id"])
        if below := request.path_params.get("below"):
            path = f"{path.rstrip('/')}/{below}"
        headers = {
            **dict(request.headers.items()),
            "x-hookdeck-eventid": event_id,
            "x-hookdeck-requestid": new_id("req"),
            "x-hookdeck-source-name": connection["source"]["name"],
            "x-hookdeck-attempt-count": "1",
            "x-hookdeck-event-url": f"{self._cloud.base}/dashboard/events/{event_id}",
        }
        if request.client is not None:
            headers["x-hookdeck-original-ip"] = request.client.host
        return {
            "cli_path": path,
            "event_id": event_id,
            "attempt_id": new_id("atm"),
            "webhook_id": connection["id"],
            "request": {
                "method": request.method,
                "timeout": 30000,
                "data_string": body.decode("utf-8", "surrogateescape"),
                "headers": headers,
            },
        }

    async def socket(self, socket: WebSocket) -> None:
        session = self._records.sessions.get(socket.headers.get("websocket-id", ""))
        if session is None or self._cloud.faults.refuse_session:
            await socket.close(1008)
            return
        await socket.accept()
        self._relay.join(socket, session)
        try:
            while True:
                message = await socket.receive_json()
                if message.get("event") == "attempt_response":
                    self._relay.take_answer(message["body"])
        except (WebSocketDisconnect, RuntimeError):
            self._relay.leave(socket)


def _key_of(connection: HTTPConnection) -> str | None:
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return base64.b64decode(value).decode().partition(":")[0]
    return value or None


def _models(models: list[Json]) -> Response:
    pagination = {"order_by": "created_at", "dir": "desc", "limit": 250}
    return JSONResponse({"models": models, "count": len(models), "pagination": pagination})


def _fault(status: int, message: str) -> Response:
    fault = {"handled": True, "code": message.upper(), "status": status, "message": message}
    return JSONResponse(fault, status_code=status)

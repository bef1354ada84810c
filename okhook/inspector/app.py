"""The inspector's web app: a page, its files, what it reads, and what it may do.

It has a port of its own, which no tunnel reaches. ``access`` tells what each request needs.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any, TypeVar

import anyio
import orjson
from anyio import to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from okhook.errors import InvalidInput, OkhookError, StoreFailed
from okhook.inspector.access import Access, Need
from okhook.inspector.actions import Actions
from okhook.inspector.overview import apps_of, arrivals_of, running_of
from okhook.inspector.records import MOST_A_PAGE, filter_of, kept, page_of, record_in_full
from okhook.inspector.stream import frames
from okhook.json_form import JsonObject
from okhook.records.record import Found
from okhook.runtime.hub import ActivityHub
from okhook.store.contract import Reader
from okhook.store.open import open_reader

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " worker-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_USUAL_LIMIT = 100
_HIGHEST_SEQ = 2**63 - 1
_BODY_LIMIT_BYTES = 16 * 1024 * 1024

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[object]]
"""Returns an answer, or what the answer has as JSON."""


@dataclass(frozen=True, slots=True)
class Inspector:
    """Answers the page's requests from the store. ``ending`` is set before the server stops.

    What a receiver in this process publishes to the ``hub`` makes the stream look at the store.
    """

    access: Access
    actions: Actions
    ending: anyio.Event
    hub: ActivityHub

    def app(self) -> ASGIApp:
        """Return the ASGI app."""
        get, post = partial(Route, methods=["GET"]), partial(Route, methods=["POST"])
        data = partial(self._needing, Need.API)
        below = [
            get("/", self._page),
            get("/page/{name:path}", self._needing(Need.FILE, _static)),
            get("/api/records", data(self._records)),
            get("/api/records/{seq:int}", data(self._of_record(self._whole))),
            get("/api/records/{seq:int}/body", data(self._of_record(_body))),
            get("/api/records/{seq:int}/code", data(self._of_record(self.actions.code_for))),
            get("/api/choices", data(self._reading(self.actions.choices))),
            get("/api/stream", data(self._stream)),
            get("/api/running", data(self._running)),
            get("/api/arrivals", data(self._reading(self._arrivals))),
            get("/api/apps", data(self._reading(self._apps))),
            post("/api/records/{seq:int}/replay", data(self._replay)),
            post("/api/samples", data(_asking(self.actions.send_sample))),
            post("/api/events", data(_asking(self.actions.cause))),
            post("/api/checks", data(lambda _: self.actions.examine())),
            post("/api/hooks", data(_asking(self.actions.look_at_hook))),
        ]
        app = Starlette(
            routes=[Mount(self.access.base.rstrip("/"), routes=below), get("/", _elsewhere)],
            exception_handlers={OkhookError: _error, HTTPException: _error},
        )
        return self._guarded(app)

    def _guarded(self, app: ASGIApp) -> ASGIApp:
        """Refuse requests for another host; add the security headers to every answer."""
        added = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], *added]
                await send(message)

            hosts = Headers(scope=scope).getlist("host") if scope["type"] == "http" else None
            refusal = None if hosts is None else self.access.why_another_host(hosts)
            await (_refusal(refusal) if refusal else app)(scope, receive, sending)

        return guarded

    def _needing(self, need: Need, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            refusal = self.access.why_refused(request.headers, need)
            if refusal:
                return _refusal(refusal)
            answer = await endpoint(request)
            return answer if isinstance(answer, Response) else _json(answer)

        return checked

    async def _page(self, request: Request) -> Response:
        token = request.query_params.get("token")
        if token is None:
            refusal = self.access.why_refused(request.headers, Need.PAGE)
            return _refusal(refusal) if refusal else _file("index.html")
        refusal = self.access.why_foreign(request.headers, Need.PAGE)
        session = None if refusal else self.access.session_for(token)
        if session is None:
            return _refusal(refusal or "this link was used before, or has expired")
        left = request.url.include_query_params().remove_query_params("token")
        page = f"{left.path}?{left.query}".rstrip("?")
        # What stands behind the # stays in the browser: the page takes it from there.
        answer = RedirectResponse(f"{page}#key={session.page_key}", status_code=303)
        answer.headers["set-cookie"] = session.cookie
        return answer

    async def _records(self, request: Request) -> object:
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        wanted = filter_of(query, self.access.now())
        before, limit = _number(request, "before"), _number(request, "limit")
        limit = _USUAL_LIMIT if limit is None else limit
        if not 0 < limit <= MOST_A_PAGE:
            raise InvalidInput(f"the limit must be from 1 to {MOST_A_PAGE}")
        return await self._read(lambda reader: page_of(reader, wanted, before=before, limit=limit))

    def _whole(self, reader: Reader, found: Found) -> JsonObject:
        return record_in_full(reader, found, served=self.actions.served_apps())

    def _arrivals(self, reader: Reader) -> JsonObject:
        return arrivals_of(reader, self.access.now())

    def _apps(self, reader: Reader) -> list[JsonObject]:
        return apps_of(reader, self.actions.receivers())

    async def _running(self, _: Request) -> JsonObject:
        return await to_thread.run_sync(running_of, self.actions.run_directory)

    async def _stream(self, request: Request) -> Response:
        seen = request.headers.get("last-event-id", "")
        seq = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else None

        async def read() -> Any:  # noqa: ANN401 - an async iterator of frames
            with (
                suppress(StoreFailed),  # the browser asks again, from where it was
                await to_thread.run_sync(open_reader, self.actions.store) as reader,
                self.hub.subscribe() as news,
            ):
                async for frame in frames(reader, seq, self.ending, news):
                    yield frame

        return StreamingResponse(read(), media_type="text/event-stream")

    async def _replay(self, request: Request) -> JsonObject:
        found = await self._found(request, lambda _, each: each)
        return await self.actions.replay(found, await _json_of(request))

    def _of_record(self, look: Callable[[Reader, Found], object]) -> Endpoint:
        return lambda request: self._found(request, look)

    async def _found(self, request: Request, look: Callable[[Reader, Found], T]) -> T:
        seq: int = request.path_params["seq"]

        def read(reader: Reader) -> T:
            found = kept(reader, seq) if seq <= _HIGHEST_SEQ else None
            if found is None:
                raise HTTPException(404, f"delivery {seq} was not found; it may have been pruned")
            return look(reader, found)

        return await self._read(read)

    def _reading(self, look: Callable[[Reader], object]) -> Endpoint:
        return lambda _: self._read(look)

    async def _read(self, look: Callable[[Reader], T]) -> T:
        def read() -> T:
            with open_reader(self.actions.store) as reader:
                reader.catch_up(lambda _: None)
                return look(reader)

        return await to_thread.run_sync(read)


def _asking(act: Callable[[dict[str, Any]], Awaitable[JsonObject]]) -> Endpoint:
    async def asked(request: Request) -> JsonObject:
        return await act(await _json_of(request))

    return asked


def _body(_: Reader, found: Found) -> Response:
    name = f"delivery-{found.record.seq}.json"
    return Response(
        found.record.request.body,
        media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _static(request: Request) -> Response:
    name: str = request.path_params["name"]
    if name not in _page_files():
        raise HTTPException(404, "the file was not found")
    return _file(name)


async def _elsewhere(_: Request) -> Response:
    return _refusal("the inspector is at another path on this port")


def _file(name: str) -> Response:
    content = _page_files()[name]
    return Response(content, media_type=_TYPES[name.rpartition(".")[2]])


@cache
def _page_files() -> dict[str, bytes]:
    """Return the files of the page by name. Nothing else is ever served."""
    folder = files("okhook.inspector").joinpath("page")
    found = {each.name: each for each in folder.iterdir()}
    found |= {f"vendor/{each.name}": each for each in folder.joinpath("vendor").iterdir()}
    return {
        name: each.read_bytes() for name, each in found.items() if name.rpartition(".")[2] in _TYPES
    }


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


async def _json_of(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT_BYTES:
            raise HTTPException(413, "the request is too large")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise InvalidInput("the request is not a JSON object")
    return value


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise InvalidInput(f"{name} must be a number")
    return int(text)


def _refusal(why: str) -> Response:
    text = (
        f"403: {why}.\n\nOpen the link that okhook printed, or get a new one with"
        " `okhook inspect`, and paste it into the address bar.\n"
    )
    return PlainTextResponse(text, status_code=403)


async def _error(_: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return _json({"what": error.detail, "why": None, "next_step": None}, error.status_code)
    if not isinstance(error, OkhookError):
        raise error
    said = {"what": error.what, "why": error.why, "next_step": error.next_step}
    return _json(said, 400 if isinstance(error, InvalidInput) else 503)

"""Receivers as people write them: ASGI and WSGI application objects."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CHALLENGE = "x-okta-verification-challenge"


@dataclass
class Seen:
    """What an app saw, in order; ``together`` is how many requests it answered at one time."""

    requests: list[dict[str, str]] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    loops: set[object] = field(default_factory=set)
    together: int = 0


def asgi_app(
    seen: Seen, answer: Callable[[Request], Awaitable[Response]] | None = None
) -> Starlette:
    """Return an app with a lifespan, and a hook that answers 204 and then works."""
    open_now = 0

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        seen.happened.append("start")
        seen.loops.add(asyncio.get_running_loop())
        yield {"started": True}
        await asyncio.sleep(0)
        seen.happened.append("stop")

    async def work() -> None:
        await asyncio.sleep(0.01)
        seen.happened.append("worked")

    async def hook(request: Request) -> Response:
        nonlocal open_now
        assert request.state.started
        seen.loops.add(asyncio.get_running_loop())
        seen.requests.append(dict(request.headers))
        if request.method == "GET":
            return JSONResponse({"verification": request.headers[CHALLENGE]})
        if answer is not None:
            return await answer(request)
        open_now += 1
        seen.together = max(seen.together, open_now)
        await request.json()
        await asyncio.sleep(0.01)
        open_now -= 1
        return Response(status_code=204, background=BackgroundTask(work))

    return Starlette(routes=[Route("/hook", hook, methods=["GET", "POST"])], lifespan=lifespan)


def wsgi_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Echo the challenge, or the environment and the body."""
    if environ["REQUEST_METHOD"] == "GET":
        content: object = {"verification": environ["HTTP_X_OKTA_VERIFICATION_CHALLENGE"]}
    else:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        content = {"body": body, **{k: v for k, v in environ.items() if isinstance(v, str)}}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(content).encode()]


def app_of_messages(*messages: dict[str, str]) -> Callable[..., Awaitable[None]]:
    """Return an ASGI app whose lifespan answers with ``messages``."""

    async def called(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401
        if scope["type"] == "lifespan":
            for message in messages:
                await receive()
                await send(message)
            return
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    return called


def good_app(processed: Counter[str], *, remembers: bool = True) -> Starlette:
    """Return a receiver that keeps every rule, and counts the events that it processed.

    It requires the secret ``s3cret``. If it does not remember, it processes duplicates again.
    """

    async def hook(request: Request) -> Response:
        if request.headers.get("authorization") != "s3cret":
            return Response(status_code=401)
        if request.method == "GET":
            if not (challenge := request.headers.get(CHALLENGE)):
                return Response(status_code=400)
            return JSONResponse({"verification": challenge})
        try:
            uuids = [event["uuid"] for event in (await request.json())["data"]["events"]]
        except (ValueError, KeyError, TypeError):
            return Response(status_code=400)
        processed.update(set(uuids) - processed.keys() if remembers else uuids)
        return Response(status_code=204)

    return Starlette(routes=[Route("/hook", hook, methods=["GET", "POST"])])

"""A System Log that the tests own: pages, ``Link`` headers, and the filters that okhook asks for.

Written from Okta's facts, independently of the sandbox and of the client.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from okhook.okta.system_log import SystemLogApi
from tests.okta.fake_org import error
from tests.okta.setup import ORG, Watched, client_to
from tests.support.records import NOON

JsonObject = dict[str, Any]

_TYPES = re.compile(r'eventType eq "([^"]*)"')
_TARGET = re.compile(r' and target\.id eq "([^"]*)"$')
_ASKED = re.compile(
    r'(?P<open>\()?eventType eq "[^"]*"(?: or eventType eq "[^"]*")*'
    r'(?(open)\) and target\.id eq "[^"]*")'
)


@dataclass
class FakeLog:
    """``entries`` in order of time. ``asked`` are the parameters of each call so far.

    ``fails_from`` is the number of the call from which on the org answers 500.
    """

    entries: list[JsonObject] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    most_a_page: int = 1000
    fails_from: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        params = dict(request.query_params)
        self.asked.append(params)
        if self.fails_from is not None and len(self.asked) > self.fails_from:
            await error(500, "E0000009", "Internal Server Error")(scope, receive, send)
            return
        await self._answer(params)(scope, receive, send)

    def _answer(self, params: dict[str, str]) -> Response:
        if not _ASKED.fullmatch(params.get("filter", 'eventType eq ""')):
            return error(400, "E0000001", f"not a filter: {params['filter']}")
        backwards = params["sortOrder"] == "DESCENDING"
        wanted = [entry for entry in self.entries if _is_wanted(entry, params)]
        if backwards:
            wanted.reverse()
        start = int(params.get("after", "0"))
        end = start + min(int(params["limit"]), self.most_a_page)
        response = JSONResponse(wanted[start:end])
        response.headers.append("link", f'<{_url(params)}>; rel="self"')
        if len(wanted) > end or ("until" not in params and not backwards):
            after = str(min(end, len(wanted)))
            response.headers.append("link", f'<{_url({**params, "after": after})}>; rel="next"')
        return response


def _url(params: dict[str, str]) -> str:
    return f"{ORG.url}/api/v1/logs?{urlencode(params)}"


def _is_wanted(entry: JsonObject, params: dict[str, str]) -> bool:
    if "since" in params and entry["published"] < params["since"]:
        return False
    if "until" in params and entry["published"] > params["until"]:
        return False
    text = params.get("filter")
    if text is None:
        return True
    target = _TARGET.search(text)
    about = {each["id"] for each in entry["target"]}
    return entry["eventType"] in _TYPES.findall(text) and (
        target is None or target.group(1) in about
    )


class Pages:
    """Answers call after call as it is told: entries, and the ``Link`` headers beside them."""

    def __init__(self, *answers: tuple[Sequence[object], Sequence[str]]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        url = Request(scope, receive).url
        entries, links = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(str(url))
        response: Response = JSONResponse(entries)
        for link in links:
            response.headers.append("link", link)
        await response(scope, receive, send)


def next_to(target: str) -> str:
    """Return the ``Link`` header that names the next page."""
    return f'<{target}>; rel="next"'


def log_entry(
    uuid: str = "uuid-1",
    event_type: str = "user.lifecycle.create",
    *,
    published: datetime = NOON,
    hook_ids: str | None = None,
    target: str = "00ujane",
    result: str = "SUCCESS",
    reason: str | None = None,
) -> JsonObject:
    """Return an entry in the System Log's shape."""
    data = {"requestUri": "/api/v1/users"}
    if hook_ids is not None:
        data["targetEventHookIds"] = hook_ids
    return {
        "uuid": uuid,
        "published": f"{published:%Y-%m-%dT%H:%M:%S}.{published.microsecond // 1000:03d}Z",
        "eventType": event_type,
        "client": {"zone": None, "device": "Unknown", "ipAddress": "192.0.2.7"},
        "actor": {"id": "00uada", "type": "User", "alternateId": "ada@example.com"},
        "outcome": {"result": result, "reason": reason},
        "target": [{"id": target, "type": "User", "alternateId": "jane@example.com"}],
        "debugContext": {"debugData": data},
        "request": {"ipChain": [{"ip": "192.0.2.7", "version": "V4"}]},
    }


@asynccontextmanager
async def log_api(app: ASGIApp) -> AsyncIterator[SystemLogApi]:
    """Give the System Log API of an org that ``app`` answers for."""
    async with client_to(app, Watched(), lambda: NOON) as client:
        yield SystemLogApi(client)

"""The System Log API: ``GET /api/v1/logs``."""

from collections.abc import Callable
from datetime import datetime
from typing import final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okhook.sandbox.exchange import json_array_answer, query_of
from okhook.sandbox.log_query import log_page, log_query
from okhook.sandbox.paging import link, without
from okhook.sandbox.system_log import SystemLog

_LOGS = "/api/v1/logs"


@final
class LogRoutes:
    """Read the System Log, page by page."""

    def __init__(self, log: SystemLog, org_url: str, now: Callable[[], datetime]) -> None:
        self._log = log
        self._org_url = org_url
        self._now = now

    def routes(self) -> list[Route]:
        """Return the endpoint."""
        return [Route(_LOGS, self._list, methods=["GET"])]

    async def _list(self, request: Request) -> Response:
        params = query_of(request)
        query = log_query(params, self._now())
        page = log_page(query, self._log)
        url = f"{self._org_url}{_LOGS}"
        links = [link(url, params, "self")]
        if page.next_cursor is not None:
            onward = [("after", page.next_cursor), *without(params, "after")]
            links.append(link(url, onward, "next"))
        return json_array_answer([logged.body for logged in page.entries], links)

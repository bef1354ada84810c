"""The System Log API: ``GET /api/v1/logs``."""

from starlette.responses import Response

from okhook.sandbox.call import Call, Endpoint, json_bytes_answer
from okhook.sandbox.lists import links_of
from okhook.sandbox.log_query import log_page, log_query


async def list_log_entries(call: Call) -> Response:
    """Answer with a page of the System Log."""
    page = log_page(log_query(call.params, call.org.now()), call.org.log)
    content = b",".join(logged.body for logged in page.entries)
    return json_bytes_answer(b"[" + content + b"]", links_of(call, page.next_cursor))


ENDPOINTS: tuple[Endpoint, ...] = (("GET", "/api/v1/logs", list_log_entries),)

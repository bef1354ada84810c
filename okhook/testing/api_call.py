"""Call the API of a sandbox org without a socket, past its faults and rate limits."""

from urllib.parse import unquote, urlsplit

from starlette.requests import Request

from okhook.sandbox.org import new_request_id
from okhook.sandbox.running import RunningSandbox


async def api_answer(sandbox: RunningSandbox, method: str, target: str, content: bytes) -> bytes:
    """Return the body of the answer to a call with the org's token, or raise ``ApiRefusal``."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", urlsplit(sandbox.url).netloc.encode()),
            (b"authorization", f"SSWS {sandbox.token.reveal()}".encode()),
            (b"content-length", str(len(content)).encode()),
        ],
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": content}

    response = await sandbox.api.response(Request(scope, receive), new_request_id())
    return bytes(response.body)

"""A Starlette handler that reads the body and answers 204: what an ASGI receiver can reach at most.

Run as ``python -m tests.bench.bare_receiver PORT PATH``, with okhook's uvicorn configuration and
the fastest loop and HTTP parser that are installed.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def receive(request: Request) -> Response:
    """Read, and keep nothing."""
    await request.body()
    return Response(status_code=204)


def main() -> None:
    """Serve until killed."""
    port, path = int(sys.argv[1]), sys.argv[2]
    uvicorn.run(
        Starlette(routes=[Route(path, receive, methods=["POST"])]),
        host="127.0.0.1",
        port=port,
        loop="auto",
        http="auto",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()

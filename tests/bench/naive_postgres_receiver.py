"""A receiver as one writes it first: each delivery is one INSERT and one commit, with psycopg.

It knows nothing of duplicates, words or forwarding. ``CONNECTIONS`` says how many connections its
pool has.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import uvicorn
from psycopg.rows import TupleRow
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TABLE = """
    CREATE TABLE IF NOT EXISTS delivery (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        received_at timestamptz NOT NULL DEFAULT now(),
        headers text NOT NULL,
        body bytea NOT NULL
    )
"""

_Pool = asyncio.Queue[psycopg.AsyncConnection[TupleRow]]


def app(path: str, url: str, connections: int) -> Starlette:
    """Return an application that commits each POST to ``path`` by itself."""
    pool: _Pool = asyncio.Queue()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        for number in range(connections):
            connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
            if not number:
                await connection.execute(_TABLE)
            pool.put_nowait(connection)
        yield

    async def receive(request: Request) -> Response:
        body = await request.body()
        connection = await pool.get()
        try:
            await connection.execute(
                "INSERT INTO delivery (headers, body) VALUES (%s, %s)",
                (str(request.headers.raw), body),
            )
        finally:
            pool.put_nowait(connection)
        return Response(status_code=204)

    return Starlette(routes=[Route(path, receive, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(
        app(sys.argv[2], os.environ["DATABASE_URL"], int(os.environ["CONNECTIONS"])),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="critical",
        access_log=False,
    )

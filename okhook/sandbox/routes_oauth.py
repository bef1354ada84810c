"""The token endpoint: ``POST /oauth2/v1/token``."""

from typing import final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okhook.sandbox.callers import arriving
from okhook.sandbox.exchange import json_answer, whole_body
from okhook.sandbox.oauth import TOKEN_PATH, OAuthServer
from okhook.sandbox.oauth_refusals import invalid_request

_FORM = "application/x-www-form-urlencoded"


@final
class OAuthRoutes:
    """Issues access tokens."""

    def __init__(self, server: OAuthServer) -> None:
        self._server = server

    def routes(self) -> list[Route]:
        """Return the endpoint."""
        return [Route(TOKEN_PATH, self._issue, methods=["POST"])]

    async def _issue(self, request: Request) -> Response:
        answer, nonce = self._server.issue(await _form(request), arriving(request))
        response = json_answer(answer)
        response.headers["Cache-Control"] = "no-store"
        if request.headers.get("dpop"):
            response.headers["dpop-nonce"] = nonce
        return response


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of the form; a field that is there twice is refused (RFC 6749, 3.2)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise invalid_request(f"The content type must be {_FORM}.")
    pairs = parse_qsl((await whole_body(request)).decode("latin-1"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise invalid_request("A parameter is included more than once.")
    return form

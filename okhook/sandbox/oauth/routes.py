"""The token endpoint: ``POST /oauth2/v1/token``."""

from functools import partial
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from okhook.sandbox.call import Call, Endpoint, json_answer, whole_body
from okhook.sandbox.callers import arriving
from okhook.sandbox.oauth.refusals import bad_request
from okhook.sandbox.oauth.server import TOKEN_PATH, OAuthServer

_FORM = "application/x-www-form-urlencoded"


def token_endpoint(server: OAuthServer) -> Endpoint:
    """Return the endpoint at which ``server`` issues access tokens."""
    return "POST", TOKEN_PATH, partial(_issue, server)


async def _issue(server: OAuthServer, call: Call) -> Response:
    answer, nonce = server.issue(await _form(call.request), arriving(call.request))
    response = json_answer(answer)
    response.headers["Cache-Control"] = "no-store"
    if call.request.headers.get("dpop"):
        response.headers["dpop-nonce"] = nonce
    return response


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of the form; a field that is there twice is refused (RFC 6749, 3.2)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise bad_request("invalid_request", f"The content type must be {_FORM}.", synthetic=True)
    pairs = parse_qsl((await whole_body(request)).decode("latin-1"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        words = "A parameter is included more than once."
        raise bad_request("invalid_request", words, synthetic=True)
    return form

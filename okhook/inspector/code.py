"""Programs that send a stored delivery again: curl, HTTPie, httpx, a pytest test, okhook."""

import json
import shlex
from dataclasses import replace

from okhook.records.curl import (
    can_stand_in_a_command,
    curl_command,
    decoded_body,
    repeated_headers,
)
from okhook.records.record import Record
from okhook.secret import HIDDEN, may_carry_credential

_LINE = " \\\n  "
_SECRET = "OKHOOK_AUTH_SECRET"  # noqa: S105 - the name of a variable

_HTTPX = """\
import os

import httpx

body = {body}
response = httpx.post(
    {url},
    headers={headers},
    content=body,
)
print(response.status_code, response.text)
"""

_PYTEST = """\
import os

import httpx

URL = {url}
HEADERS = {headers}
BODY = {body}


def test_the_app_accepts_delivery_{seq}() -> None:
    response = httpx.post(URL, headers=HEADERS, content=BODY, timeout=3)
    assert 200 <= response.status_code < 300
"""


def code_for(record: Record, url: str) -> dict[str, str]:
    """Return the programs that send ``record`` to ``url``, by the name of their tool.

    They read the hook's secret from ``OKHOOK_AUTH_SECRET``, and have no other key or token.
    """
    record = _without_credentials(record)
    whole = record.request.url_at(url)
    written = {"url": json.dumps(whole), "body": repr(record.request.body), "seq": record.seq}
    return {
        "curl": curl_command(record.request, url),
        "HTTPie": _httpie(record, whole),
        "Python": _HTTPX.format(headers=_headers(record, " " * 4), **written),
        "pytest": _PYTEST.format(headers=_headers(record, ""), **written),
        "okhook": shlex.join(("okhook", "replay", str(record.seq), "--to", url)),
    }


def _without_credentials(record: Record) -> Record:
    headers = tuple(
        (name, value)
        for name, value in record.request.headers
        if value == HIDDEN or not may_carry_credential(name.decode("latin-1"))
    )
    request = replace(record.request, headers=headers, path=record.request.shown_path)
    return replace(record, request=request)


def _httpie(record: Record, url: str) -> str:
    words = ["http", record.request.method, shlex.quote(url)]
    for name, value in repeated_headers(record.request):
        pair = shlex.quote(f"{name}:{value.decode('latin-1')}")
        words.append(f'"{name}:${_SECRET}"' if value == HIDDEN else pair)
    body = record.request.body
    inline = can_stand_in_a_command(body)
    source = f"printf %s {shlex.quote(body.decode())}" if inline else decoded_body(body)
    return _LINE.join([f"{source} | {words[0]}", *words[1:]])


def _headers(record: Record, indent: str) -> str:
    lines = ["{"]
    for name, value in repeated_headers(record.request):
        text = json.dumps(value.decode("latin-1"))
        shown = f'os.environ["{_SECRET}"]' if value == HIDDEN else text
        lines.append(f"{indent}    {json.dumps(name)}: {shown},")
    return "\n".join([*lines, f"{indent}}}"])

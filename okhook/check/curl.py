"""A call as a curl command, with the secret as a variable."""

from datetime import UTC, datetime

from okhook.check.plan import SECRET_IN_SHELL, Call
from okhook.records.curl import curl_command
from okhook.secret import HIDDEN
from okhook.wire.delivery import InboundRequest

_LONGEST_BODY_BYTES = 64 * 1024
_EPOCH = datetime.fromtimestamp(0, UTC)


def curl_of_call(call: Call, url: str) -> str | None:
    """Return the curl command that repeats ``call``; None if its body is too long to show."""
    if call.body is not None and len(call.body) > _LONGEST_BODY_BYTES:
        return None
    headers = tuple(
        (
            name.encode("latin-1"),
            HIDDEN if value and name == call.secret_header else value.encode("latin-1"),
        )
        for name, value in call.headers
    )
    request = InboundRequest(call.method, "", headers, call.body or b"", _EPOCH)
    command = f"{curl_command(request, url)} \\\n  -i"  # most answers say all in their status
    if call.chunked:
        command += " \\\n  -H 'Transfer-Encoding: chunked'"
    return command.replace(SECRET_IN_SHELL, call.secret_in_shell)

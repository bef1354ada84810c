"""What a case sends, as data: calls in steps, also as curl commands. And what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from okhook.http.client import Answer
from okhook.http.errors import HttpError
from okhook.okta.answers import without_secrets
from okhook.records.curl import curl_command
from okhook.secret import HIDDEN, Secret
from okhook.wire.delivery import InboundRequest
from okhook.wire.hook_call import TIMEOUT_S

SECRET_IN_SHELL = '"$OKHOOK_AUTH_SECRET"'  # noqa: S105 - the name of a variable
"""The hook's secret in a command that repeats a call."""

_LONGEST_BODY_BYTES = 64 * 1024
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``patience_s`` is how long its answer may take, Okta's three seconds by default.

    ``secret_header`` is the header that carries the secret, or something made from it, and
    ``secret_in_shell`` how a shell makes its value. ``label`` tells the calls of a case apart.
    """

    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None
    label: str = ""
    patience_s: float = TIMEOUT_S
    chunked: bool = False
    secret_header: str | None = None
    secret_in_shell: str = SECRET_IN_SHELL


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


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call to ``url``, and its answer or its error: one of them is None.

    ``secrets`` are those of the receiver, which must not be shown.
    """

    call: Call
    url: str
    answer: Answer | None
    error: HttpError | None
    secrets: tuple[Secret, ...] = ()

    @property
    def presented(self) -> Secret | None:
        """What the call had as the secret, right or wrong; None if it had none."""
        value = dict(self.call.headers).get(self.call.secret_header or "")
        return Secret(value) if value else None

    def without_secrets(self, text: str) -> str:
        """Return a text of the answer without the secret, and without one that resembles it."""
        sent = () if self.presented is None else (self.presented,)
        return without_secrets(text, (*self.secrets, *sent))

    @property
    def status(self) -> int | None:
        """The status of the answer; None if there is none."""
        return None if self.answer is None else self.answer.status

    @property
    def accepted(self) -> bool:
        """Whether the answer was 2xx."""
        return self.answer is not None and self.answer.is_success

    @property
    def refused(self) -> bool:
        """Whether the answer was 4xx."""
        return self.answer is not None and 400 <= self.answer.status < 500


@dataclass(frozen=True, slots=True)
class Send:
    """Send calls, up to ``at_once`` at the same time."""

    calls: tuple[Call, ...]
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class SendOnOneConnection:
    """Send calls over one connection; if ``pipelined``, all before the first answer is read."""

    calls: tuple[Call, ...]
    pipelined: bool = False


@dataclass(frozen=True, slots=True)
class SendUnread:
    """Send a call, and close the connection before its answer is read. It makes no exchange."""

    call: Call


@dataclass(frozen=True, slots=True)
class Restart:
    """Restart the app, and wait until it answers again."""


@dataclass(frozen=True, slots=True)
class Await:
    """Wait until the events were processed as often as ``counts`` says, by their uuid.

    ``when`` tells a person at which point of the case that is.
    """

    counts: Mapping[str, int]
    when: str


Step = Send | SendOnOneConnection | SendUnread | Restart | Await


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order, and how often each event must have been processed in the end, by uuid."""

    steps: tuple[Step, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_duplicates(self) -> bool:
        """Whether one of the counted events is sent more than once."""
        bodies = [call.body or b"" for step in self.steps for call in _calls_of(step)]
        return any(sum(uuid.encode() in body for body in bodies) > 1 for uuid in self.counts)


def _calls_of(step: Step) -> tuple[Call, ...]:
    match step:
        case Send() | SendOnOneConnection():
            return step.calls
        case SendUnread():
            return (step.call,)
    return ()


def sending(*calls: Call, at_once: int = 1, counts: Mapping[str, int] | None = None) -> Plan:
    """Return a plan of one step."""
    return Plan((Send(calls, at_once),), counts or {})

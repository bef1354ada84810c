"""The activities of records: received, forwarded, or looked up by a command."""

import json
from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlsplit

from okhook.activity import Activity
from okhook.json_form import rounded
from okhook.json_path import strict_json
from okhook.records.attempt import Attempt, Backlog, Forward
from okhook.records.record import Found, Record, RecordKind
from okhook.secret import HIDDEN, may_carry_credential
from okhook.wire.delivery import InboundRequest, challenge_of
from okhook.wire.url import WITHOUT_CREDENTIALS


class VerificationAnswered(Activity):
    """A verification challenge was answered."""

    type = "verification"
    json_fields = "record.seq record.request.received_at challenge"
    record: Record

    @property
    def challenge(self) -> str:
        """The value of the challenge."""
        return challenge_of(self.record.request.headers) or ""


class DeliveryStored(Activity):
    """A delivery was stored and answered."""

    type = "delivery"
    json_fields = (
        "record.seq record.delivery.event_id record.request.received_at record.delivery.source"
        " record.delivery.hook_id duplicate=record.is_duplicate"
        " reconstructed=record.is_reconstructed sample=record.is_sample record.delivery.events"
    )
    record: Record


class CanaryStored(Activity):
    """A canary arrived and was stored."""

    type = "canary"
    json_fields = "record.seq record.delivery.event_id record.request.received_at"
    record: Record


class RequestRefused(Activity):
    """A request was answered with an error. ``seq`` is None if it was not stored."""

    type = "refused"
    json_fields = "seq request.received_at request.method path=request.shown_path status reason"
    seq: int | None
    request: InboundRequest
    status: int
    reason: str


def activity_of(record: Record) -> Activity:
    """Return the activity of a new record."""
    match record.kind:
        case RecordKind.VERIFICATION:
            return VerificationAnswered(record)
        case RecordKind.CANARY:
            return CanaryStored(record)
        case RecordKind.DELIVERY:
            return DeliveryStored(record)
        case RecordKind.REFUSED | RecordKind.MALFORMED:
            return RequestRefused(record.seq, record.request, record.status, record.reason or "")


_FOUND: Final = (
    "found.record.seq found.record.request.received_at found.status found.record.kind"
    " answered=found.record.status found.record.reason found.record.delivery.event_id"
    " found.record.delivery.hook_id found.record.receiver found.record.duplicate_of"
    " reconstructed=found.record.is_reconstructed sample=found.record.is_sample"
    " found.record.delivery.events found.forwards"
)


class RecordFound(Activity):
    """A record in a list. ``last`` is the latest attempt to send it to an app."""

    type = "record"
    json_fields = _FOUND
    found: Found
    last: Attempt | None = None


class RecordShown(Activity):
    """One record in full. ``repeats`` are the ``seq`` of its duplicates."""

    type = "record"
    json_fields = (
        f"{_FOUND} duplicates=repeats found.record.auth found.record.request.method"
        " path=found.record.request.shown_path headers body attempts hookdeck_event_url"
    )
    found: Found
    attempts: Sequence[Attempt]
    repeats: Sequence[int] = ()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers as text. Values that may contain a credential are hidden."""
        shown = []
        for raw_name, value in self.found.record.request.headers:
            name = raw_name.decode("latin-1")
            hidden = HIDDEN if may_carry_credential(name) else value
            shown.append((name, hidden.decode("utf-8", "replace")))
        return shown

    @property
    def body(self) -> object:
        """The body as JSON if it is JSON, else as text."""
        body = self.found.record.request.body
        try:
            value = strict_json(body)
            json.dumps([[[[value]]]])  # a value that can be read may be nested too deeply to write
        except (ValueError, RecursionError):
            return body.decode("utf-8", "replace")
        return value

    @property
    def hookdeck_event_url(self) -> str | None:
        """The URL of Hookdeck's page for the event, from a header that anybody can send."""
        value = self.found.record.request.header("X-Hookdeck-Event-Url") or b""
        url = value.decode("latin-1")
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        host, has_password = parts.hostname or "", "@" in parts.netloc
        is_hookdeck = host.endswith(".hookdeck.com") and not has_password
        is_page = parts.scheme == "https" and is_hookdeck and url.isprintable()
        return url if is_page and " " not in url else None


class CurlWritten(Activity):
    """The curl command that sends a record's request again."""

    type = "curl"
    json_fields = "record.seq command"
    record: Record
    command: str


class RecordsExported(Activity):
    """``records`` records were written to ``file``."""

    type = "export"
    file: str
    records: int


class RecordsPruned(Activity):
    """``removed`` of ``count`` records were removed. ``held`` more wait for an app."""

    type = "pruned"
    count: int
    removed: int
    size_bytes: int
    held: int


class Forwarded(Activity):
    """A delivery was sent to an app. ``forward`` is its stored state after that."""

    type = "forward"
    json_fields = (
        "attempt.seq attempt.target attempt=attempt.number attempt.status attempt.duration_s"
        " forward.state attempt.reason forward.next_at"
    )
    attempt: Attempt
    forward: Forward


class TargetDown(Activity):
    """An app does not answer. Its deliveries wait."""

    type = "target_down"
    target: Annotated[str, WITHOUT_CREDENTIALS]
    reason: str


class TargetUp(Activity):
    """An app answers again after ``down_s``. ``waiting`` deliveries are not sent yet."""

    type = "target_up"
    target: Annotated[str, WITHOUT_CREDENTIALS]
    down_s: Annotated[float, rounded(1)]
    waiting: int


class TargetTaken(Activity):
    """This okhook forwards to an app now, as another one of the same name did before."""

    type = "target_taken"
    target: Annotated[str, WITHOUT_CREDENTIALS]


class Backlogged(Activity):
    """How many deliveries an app did not get yet, and how many were given up."""

    type = "forward_backlog"
    json_fields = "target backlog.pending backlog.waiting backlog.failed"
    target: Annotated[str, WITHOUT_CREDENTIALS]
    backlog: Backlog


class BacklogSkipped(Activity):
    """``count`` deliveries waited for an app when okhook started, and are given up."""

    type = "forward_backlog_skipped"
    target: Annotated[str, WITHOUT_CREDENTIALS]
    count: int


class WaitingElsewhere(Activity):
    """``count`` deliveries wait for an app under the name of another receiver."""

    type = "forward_backlog_elsewhere"
    target: Annotated[str, WITHOUT_CREDENTIALS]
    receiver: str
    count: int

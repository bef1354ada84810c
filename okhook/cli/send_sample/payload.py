"""What ``send-sample`` is told: its flags become the payload and the recipient."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.urls import checked_url, on_loopback
from okhook.errors import InvalidInput
from okhook.json_path import Assignment, NotAPath, parse_assignment
from okhook.runtime.ids import RANDOM_IDS, new_uuid, utc_now
from okhook.runtime.runs import ReceiverRun
from okhook.send_sample.sender import Recipient
from okhook.wire.delivery import parse_delivery
from okhook.wire.envelope import body_of, envelope
from okhook.wire.event_types import RELEASE, is_eligible, nearest
from okhook.wire.org import is_loopback
from okhook.wire.payload import NotADelivery
from okhook.wire.samples.sample import Sample, SampleOrder, sample_from, sample_of

_EXAMPLE = "http://127.0.0.1:1337/okta-webhooks-endpoint"


@dataclass(frozen=True, slots=True)
class OrgEvent:
    """An event in the shape of a delivery; ``source`` names the org's hook."""

    source: str
    event: dict[str, Any]

    def delivery(self, event_id: str, moment: datetime) -> bytes:
        """Return the body of a delivery with the event."""
        return body_of(
            envelope([self.event], source=self.source, event_id=event_id, event_time=moment)
        )


@dataclass(frozen=True, slots=True)
class Payload:
    """Where the samples of one run come from: an order, the bytes of a file, or an event.

    An event is one that happened in an org; each sample of it is a delivery of its own.
    """

    order: SampleOrder
    file: bytes | None
    event: OrgEvent | None = None

    def sample(self) -> Sample:
        """Return the next sample; of an order with fresh ids and times.

        Raises:
            InvalidInput: the file is not JSON though something is to be set in it, or there is
                nothing at a path.

        """
        try:
            if self.event is not None:
                body = self.event.delivery(new_uuid(), utc_now())
                return sample_from(body, self.order.assignments)
            if self.file is None:
                return sample_of(self.order, ids=RANDOM_IDS, now=utc_now())
            return sample_from(self.file, self.order.assignments)
        except NotAPath as error:
            raise _not_set(error) from None
        except ValueError as error:
            raise InvalidInput(
                "--set needs a payload that is JSON", why=f"the file is not: {error}"
            ) from None


def payload_of(
    flags: Mapping[str, Any], set_: Sequence[str], file: str | None, console: Console
) -> Payload:
    """Return the payload that the flags describe; ``flags`` are members of a sample's order.

    Raises:
        InvalidInput: an assignment is none, or ``--file`` stands beside a flag that makes a sample.

    """
    given = {name: value for name, value in flags.items() if value is not None}
    order = replace(SampleOrder(), **given, assignments=_assignments(set_))
    if file is None:
        _warn_if_unknown(order.event_type, console)
        return Payload(order, None)
    if given:
        named = ", ".join("--" + name.replace("_type", "").replace("_", "-") for name in given)
        raise InvalidInput(
            f"--file brings a payload of its own, which {named} cannot change",
            next_step="leave out one of them, or change the payload with --set PATH=JSON",
        )
    payload = _read(file)
    _note_if_no_delivery(payload, console)
    return Payload(order, payload)


def recipient_of(ctx: Context) -> Recipient:
    """Return where samples go: ``--to``, else the running receiver, else where one would run.

    Raises:
        InvalidInput, ConfigurationError: it is no URL that can be called, or several receivers run.

    """
    to = ctx.settings.to
    url = _running_receiver(ctx) if to is None else checked_url(to, example=_EXAMPLE)
    auth = ctx.hook_auth()
    parts = urlsplit(url)
    if auth is not None and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        ctx.console.warn(f"the secret goes to {parts.netloc} unencrypted: {url} is not https")
    return Recipient(url, auth)


def _running_receiver(ctx: Context) -> str:
    urls = [receiver.url for receiver in ctx.run_directory.running(ReceiverRun)]
    if len(urls) > 1:
        raise InvalidInput(
            f"{len(urls)} receivers run here", why="\n".join(urls), next_step="choose one with --to"
        )
    return on_loopback(urls[0] if urls else _usual_receiver(ctx))


def _usual_receiver(ctx: Context) -> str:
    settings = ctx.settings
    host = settings.host.value
    port = settings.port.value
    path = settings.path.value
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{bracketed}:{port}{path}"


def _assignments(texts: Sequence[str]) -> tuple[Assignment, ...]:
    try:
        return tuple(parse_assignment(text) for text in texts)
    except NotAPath as error:
        raise _not_set(error) from None


def _not_set(error: NotAPath) -> InvalidInput:
    return InvalidInput(
        f"--set {error}", next_step="write it like --set 'data.events[0].actor.displayName=\"X\"'"
    )


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).expanduser().read_bytes()
    except OSError as error:
        raise InvalidInput(f"--file: {file} cannot be read", why=error.strerror) from error


def _warn_if_unknown(event_type: str, console: Console) -> None:
    if is_eligible(event_type):
        return
    near = nearest(event_type)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    console.warn(
        f"{event_type} is not among the event types that hooks can have (Okta {RELEASE}),"
        f" and its sample is a generic one{meant}"
    )


def _note_if_no_delivery(payload: bytes, console: Console) -> None:
    try:
        parse_delivery(payload)
    except NotADelivery as error:
        console.note(f"this is not what Okta would send, and is sent all the same: {error}")

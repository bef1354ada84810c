"""What ``send-sample`` sends: samples by its flags, the bytes of a file, or an event of the org."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from okhook.cli.context import Context
from okhook.cli.send_sample.command import SampleFlags
from okhook.errors import InvalidInput
from okhook.json_path import Assignment, NotAPath, parse_assignment
from okhook.runtime.ids import RANDOM_IDS, utc_now
from okhook.wire.delivery import parse_delivery
from okhook.wire.event_types import DEFAULT_EVENT_TYPE, RELEASE, is_eligible, nearest
from okhook.wire.payload import NotADelivery
from okhook.wire.samples.sample import Sample, SampleOrder, sample_from, sample_of

NextSample = Callable[[], Sample]
"""Returns the next sample of a run; all but a file's have fresh ids.

It raises ``InvalidInput`` if there is nothing at the path of a ``--set``.
"""

_ORDERED = ("event", "first_name", "last_name", "login", "events")


def samples_of(ctx: Context, flags: SampleFlags) -> NextSample:
    """Return what makes the samples of a run.

    Raises:
        InvalidInput: an assignment is not written as one, or ``--file`` or ``--recent`` stands
            beside a flag that would make another sample.
        CredentialsError, OktaRefused, Unavailable: the org's System Log cannot be read.
    """
    ordered = {name: getattr(flags, name) for name in _ORDERED}
    given = {name: value for name, value in ordered.items() if value is not None}
    named = ["--" + name.replace("_", "-") for name in given]
    with _named_paths():
        assignments = tuple(parse_assignment(text) for text in flags.set_ or ())
    if flags.recent:
        others = ["--file"] if flags.file is not None else [n for n in named if n != "--event"]
        _refuse("--recent sends an event that happened", others[:1])
    if flags.file is not None:
        _refuse("--file brings a payload of its own", named)
        return _from_file(ctx, flags.file, assignments)
    event_type = given.pop("event", DEFAULT_EVENT_TYPE)
    order = SampleOrder(event_type, **given, assignments=assignments)
    _warn_if_unknown(ctx, order.event_type)
    delivery = _recent_event(ctx, order.event_type) if flags.recent else None

    def next_sample() -> Sample:
        with _named_paths():
            if delivery is not None:
                return sample_from(delivery(), assignments)
            return sample_of(order, ids=RANDOM_IDS, now=utc_now())

    return next_sample


@contextmanager
def opened_file(file: str) -> Iterator[BinaryIO]:
    """Open the file of ``--file``, in which ``-`` is stdin.

    Raises:
        InvalidInput: it cannot be opened.
    """
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).expanduser().open("rb")
    except OSError as error:
        raise InvalidInput(f"--file: {file} cannot be read", why=error.strerror) from error
    with stream:
        yield stream


def _refuse(what: str, named: Sequence[str]) -> None:
    if named:
        raise InvalidInput(
            f"{what}, which {', '.join(named)} cannot change",
            next_step="leave out one of them, or change the payload with --set PATH=JSON",
        )


def _recent_event(ctx: Context, event_type: str) -> Callable[[], bytes] | None:
    # It brings the client of the org along, which samples can do without.
    from okhook.cli.send_sample.recent import recent_event

    return recent_event(ctx, event_type)


def _from_file(ctx: Context, file: str, assignments: Sequence[Assignment]) -> NextSample:
    with opened_file(file) as stream:
        payload = stream.read()
    try:
        parse_delivery(payload)
    except NotADelivery as error:
        ctx.console.note(f"this is not what Okta would send, and is sent all the same: {error}")
    try:
        with _named_paths():
            sample = sample_from(payload, assignments)
    except ValueError as error:
        raise InvalidInput(
            "--set needs a payload that is JSON", why=f"the file is not: {error}"
        ) from None
    return lambda: sample


@contextmanager
def _named_paths() -> Iterator[None]:
    """Raise what is wrong with a path as a fault of ``--set``."""
    try:
        yield
    except NotAPath as error:
        raise InvalidInput(
            f"--set {error}",
            next_step="write it like --set 'data.events[0].actor.displayName=\"X\"'",
        ) from None


def _warn_if_unknown(ctx: Context, event_type: str) -> None:
    if is_eligible(event_type):
        return
    near = nearest(event_type)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    ctx.console.warn(
        f"{event_type} is not among the event types that hooks can have (Okta {RELEASE}),"
        f" and its sample is a generic one{meant}"
    )

"""Make the payloads of ``send-sample``: samples, the bytes of a file, or an event of the org."""

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
"""Returns the next sample, with new ids unless it is a file.

It raises ``InvalidInput`` if the payload has no such path as in ``--set``.
"""

_SAMPLE_FLAGS = ("event", "first_name", "last_name", "login", "events")


def samples_of(ctx: Context, flags: SampleFlags) -> NextSample:
    """Return the function that makes samples."""
    values = {name: getattr(flags, name) for name in _SAMPLE_FLAGS}
    given = {name: value for name, value in values.items() if value is not None}
    named = ["--" + name.replace("_", "-") for name in given]
    with _named_paths():
        assignments = tuple(parse_assignment(text) for text in flags.set_ or ())
    if flags.recent:
        others = ["--file"] if flags.file is not None else [n for n in named if n != "--event"]
        _refuse("--recent", others[:1])
    if flags.file is not None:
        _refuse("--file", named)
        return _from_file(ctx, flags.file, assignments)
    event_type = given.pop("event", DEFAULT_EVENT_TYPE)
    order = SampleOrder(event_type, **given, assignments=assignments)
    _warn_if_unknown(ctx, order.event_type)
    delivery = None
    if flags.recent:
        # The import is slow: it loads the client of the org.
        from okhook.cli.send_sample.recent import recent_event

        delivery = recent_event(ctx, order.event_type)

    def next_sample() -> Sample:
        with _named_paths():
            if delivery is not None:
                return sample_from(delivery(), assignments)
            return sample_of(order, ids=RANDOM_IDS, now=utc_now())

    return next_sample


@contextmanager
def opened_file(file: str) -> Iterator[BinaryIO]:
    """Open the file of ``--file``; ``-`` is stdin."""
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).expanduser().open("rb")
    except OSError as error:
        raise InvalidInput(f"could not read {file}", why=error.strerror) from error
    with stream:
        yield stream


def _refuse(flag: str, named: Sequence[str]) -> None:
    if named:
        raise InvalidInput(
            f"{flag} cannot be used with {', '.join(named)}",
            next_step="remove one of them, or change the payload with --set FIELD=VALUE",
        )


def _from_file(ctx: Context, file: str, assignments: Sequence[Assignment]) -> NextSample:
    with opened_file(file) as stream:
        payload = stream.read()
    try:
        parse_delivery(payload)
    except NotADelivery as error:
        ctx.console.note(f"Okta would not send this payload: {error}")
    try:
        with _named_paths():
            sample = sample_from(payload, assignments)
    except ValueError as error:
        raise InvalidInput(
            "--set cannot change the payload: it is not JSON", why=str(error)
        ) from None
    return lambda: sample


@contextmanager
def _named_paths() -> Iterator[None]:
    """Raise an invalid path as an error of ``--set``."""
    try:
        yield
    except NotAPath as error:
        raise InvalidInput(
            f"--set {error}",
            next_step="write it as in --set 'data.events[0].actor.displayName=\"X\"'",
        ) from None


def _warn_if_unknown(ctx: Context, event_type: str) -> None:
    if is_eligible(event_type):
        return
    near = nearest(event_type)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    ctx.console.warn(
        f"event hooks do not support {event_type} in Okta {RELEASE};"
        f" sending a generic sample{meant}"
    )

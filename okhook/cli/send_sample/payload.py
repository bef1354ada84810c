"""Choose the payloads of ``send-sample``."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from okhook.cli.context import Context
from okhook.cli.send_sample.command import SampleFlags
from okhook.config.paths import expanded
from okhook.errors import InvalidInput
from okhook.json_path import Assignment, NotAPath, parse_assignment
from okhook.runtime.ids import RANDOM_IDS, utc_now
from okhook.text import plain
from okhook.wire.delivery import parse_delivery
from okhook.wire.event_types import DEFAULT_EVENT_TYPE, RELEASE, is_eligible, meant
from okhook.wire.payload import NotADelivery
from okhook.wire.samples.sample import Sample, SampleOrder, sample_from, sample_of

NextSample = Callable[[], Sample]
"""Returns the next sample, with new ids unless it is a file.

It raises ``InvalidInput`` if the payload has no such path as in ``--set``.
"""

_LARGEST_BYTES = 64 << 20
"""Far more than a receiver accepts."""

_LONGEST_PATH = 200

_SAMPLE_FLAGS = ("event", "first_name", "last_name", "login", "events")


def samples_of(ctx: Context, flags: SampleFlags) -> NextSample:
    """Return the function that makes samples."""
    values = {name: getattr(flags, name) for name in _SAMPLE_FLAGS}
    given = {name: value for name, value in values.items() if value is not None}
    named = ["--" + name.replace("_", "-") for name in given]
    assignments = assignments_of(flags.set_)
    if flags.recent:
        others = ["--file"] if flags.file is not None else [n for n in named if n != "--event"]
        _refuse("--recent", others[:1])
    if flags.file is not None:
        _refuse("--file", named)
        return _from_file(ctx, flags.file, assignments)
    event_type = given.pop("event", DEFAULT_EVENT_TYPE)
    order = SampleOrder(event_type, **given, assignments=assignments)
    warn_if_unknown(ctx, order.event_type, "sending a generic sample")
    delivery = None
    if flags.recent:
        # The import is slow: it loads the client of the org.
        from okhook.cli.send_sample.recent import recent_event

        delivery = recent_event(ctx, order.event_type)

    def next_sample() -> Sample:
        if delivery is not None:
            return changed(ctx, delivery(), assignments, "the event")
        with _checked_paths("the sample"):
            sample = sample_of(order, ids=RANDOM_IDS, now=utc_now())
        _note_additions(ctx, sample)
        return sample

    return next_sample


def assignments_of(texts: Sequence[str] | None) -> tuple[Assignment, ...]:
    """Return the changes that ``--set`` describes."""
    with _checked_paths():
        return tuple(map(parse_assignment, texts or ()))


def changed(ctx: Context, payload: bytes, assignments: Sequence[Assignment], what: str) -> Sample:
    """Return a payload with the changes of ``--set``. An error names it as ``what``."""
    try:
        with _checked_paths(what):
            sample = sample_from(payload, assignments)
    except ValueError as error:
        raise InvalidInput(f"--set cannot change {what}: it is not JSON", why=str(error)) from None
    _note_additions(ctx, sample)
    return sample


def _note_additions(ctx: Context, sample: Sample) -> None:
    """Say once which fields ``--set`` added: each may be a mistyped one."""
    for added in sample.additions:
        meant = f"; did you mean {plain(added.meant, limit=_LONGEST_PATH)}?" if added.meant else ""
        ctx.console.note_once(f"--set adds {added.path}, which was not there{meant}")


@contextmanager
def opened_file(file: str) -> Iterator[BinaryIO]:
    """Open the file of ``--file``; ``-`` is stdin."""
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = expanded(file, file).open("rb")
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
        try:
            payload = stream.read(_LARGEST_BYTES + 1)
        except OSError as error:
            raise InvalidInput(f"could not read {file}", why=error.strerror) from error
    if len(payload) > _LARGEST_BYTES:
        raise InvalidInput(f"{file} is larger than {_LARGEST_BYTES >> 20} MiB")
    try:
        parse_delivery(payload)
    except NotADelivery as error:
        ctx.console.note(f"Okta would not send this payload: {error}")
    sample = changed(ctx, payload, assignments, "the payload")
    return lambda: sample


@contextmanager
def _checked_paths(where: str | None = None) -> Iterator[None]:
    """Raise an invalid path as an error of ``--set``."""
    try:
        yield
    except NotAPath as error:
        raise InvalidInput(
            f"--set {error}",
            why=f"in {where}" if where else None,
            next_step="write it as in --set 'data.events[0].actor.displayName=\"X\"'",
        ) from None


def warn_if_unknown(ctx: Context, event_type: str, so: str) -> None:
    """Warn if no hook can have the event type, and say what is done ``so``."""
    if not is_eligible(event_type):
        near = meant(event_type)
        ctx.console.warn(
            f"event hooks do not support {event_type} in Okta {RELEASE}; {so}{near and f'; {near}'}"
        )

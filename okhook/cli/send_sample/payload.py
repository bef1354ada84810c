"""What ``send-sample`` sends: samples by its flags, the bytes of a file, or an event of the org."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.errors import InvalidInput
from okhook.json_path import Assignment, NotAPath, parse_assignment
from okhook.runtime.ids import RANDOM_IDS, utc_now
from okhook.wire.delivery import parse_delivery
from okhook.wire.event_types import RELEASE, is_eligible, nearest
from okhook.wire.payload import NotADelivery
from okhook.wire.samples.sample import Sample, SampleOrder, sample_from, sample_of

NextSample = Callable[[], Sample]
"""Returns the next sample of a run; all but a file's have fresh ids.

It raises ``InvalidInput`` if there is nothing at the path of a ``--set``.
"""


def samples_of(
    ctx: Context, flags: Mapping[str, Any], set_: Sequence[str], file: str | None, *, recent: bool
) -> NextSample:
    """Return what makes the samples of a run; ``flags`` are members of a sample's order.

    Raises:
        InvalidInput: an assignment is not written as one, or ``--file`` or ``--recent`` stands
            beside a flag that would make another sample.
        CredentialsError, OktaRefused, Unavailable: the org's System Log cannot be read.

    """
    given = {name: value for name, value in flags.items() if value is not None}
    with _named_paths():
        assignments = tuple(parse_assignment(text) for text in set_)
    if recent:
        _refuse_to_change_an_event(given, file)
    if file is not None:
        return _from_file(file, given, assignments, ctx.console)
    order = replace(SampleOrder(), **given, assignments=assignments)
    _warn_if_unknown(order.event_type, ctx.console)
    delivery = _recent_event(ctx, order.event_type) if recent else None

    def next_sample() -> Sample:
        with _named_paths():
            if delivery is not None:
                return sample_from(delivery(), assignments)
            return sample_of(order, ids=RANDOM_IDS, now=utc_now())

    return next_sample


def _recent_event(ctx: Context, event_type: str) -> Callable[[], bytes] | None:
    # It brings the client of the org along, which samples can do without.
    from okhook.cli.send_sample.recent import recent_event

    return recent_event(ctx, event_type)


def _from_file(
    file: str, given: Mapping[str, Any], assignments: Sequence[Assignment], console: Console
) -> NextSample:
    if given:
        named = ", ".join("--" + name.replace("_type", "").replace("_", "-") for name in given)
        raise InvalidInput(
            f"--file brings a payload of its own, which {named} cannot change",
            next_step="leave out one of them, or change the payload with --set PATH=JSON",
        )
    payload = _read(file)
    _note_if_no_delivery(payload, console)
    try:
        with _named_paths():
            sample = sample_from(payload, assignments)
    except ValueError as error:
        raise InvalidInput(
            "--set needs a payload that is JSON", why=f"the file is not: {error}"
        ) from None
    return lambda: sample


def _refuse_to_change_an_event(given: Mapping[str, Any], file: str | None) -> None:
    flags = [name for name in given if name != "event_type"]
    if file is not None or flags:
        named = "--file" if file is not None else "--" + flags[0].replace("_", "-")
        raise InvalidInput(
            f"--recent sends an event that happened, which {named} cannot change",
            next_step="leave out one of them, or change the payload with --set PATH=JSON",
        )


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

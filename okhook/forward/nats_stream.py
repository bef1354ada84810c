"""What JetStream says about the stream of a subject. Without rights to ask, nothing."""

import shlex
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, ParamSpec, TypeVar

import anyio
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import APIError, NotFoundError

from okhook.forward.retry import REFUSED
from okhook.forward.sending import Reply
from okhook.text import plain

NO_STREAM: Final = "no stream"

_ASK_S = 2.0
"""How long to wait for an answer."""

_NO_JETSTREAM: Final = (
    "the server has no JetStream: start it with `nats-server -js`, or enable it for this account"
)

T = TypeVar("T")
P = ParamSpec("P")


def _or_nothing(
    ask: Callable[P, Awaitable[T | None]],
) -> Callable[P, Coroutine[Any, Any, T | None]]:
    """Return ``ask``, but without an error, and for a limited time."""

    async def asked(*args: P.args, **kwargs: P.kwargs) -> T | None:
        with anyio.move_on_after(_ASK_S), suppress(Exception):  # nats-py trusts what a server says
            return await ask(*args, **kwargs)
        return None

    return asked


@_or_nothing
async def no_stream(
    jetstream: JetStreamContext, subject: str, subjects: str | None = None
) -> Reply | None:
    """Return why no stream takes the subject; None if one does.

    A stream to create would take ``subjects``: all that are published to.
    """
    try:
        return None if await _name(jetstream, subject) else _missing(subject, subjects or subject)
    except APIError:
        return Reply(None, NO_STREAM, _NO_JETSTREAM)


@_or_nothing
async def no_acknowledgement(
    jetstream: JetStreamContext, subject: str, subjects: str
) -> Reply | None:
    """Return why a message was not acknowledged, if the stream is the reason."""
    name = await _name(jetstream, subject)
    if name is None:
        return _missing(subject, subjects)
    if (await _config(jetstream, name)).no_ack:
        return Reply(None, REFUSED, f"the stream {name} acknowledges nothing (no_ack)")
    return None


@_or_nothing
async def short_window(jetstream: JetStreamContext, subject: str, needed_s: float) -> str | None:
    """Return a warning if the stream forgets a message id before ``needed_s`` are over."""
    name = await _name(jetstream, subject)
    if name is None:
        return None
    window_s = (await _config(jetstream, name)).duplicate_window
    return None if window_s >= needed_s else _short(plain(name), window_s, needed_s)


async def _name(jetstream: JetStreamContext, subject: str) -> str | None:
    try:
        return await jetstream.find_stream_name_by_subject(subject)
    except NotFoundError:
        return None


async def _config(jetstream: JetStreamContext, name: str) -> StreamConfig:
    return (await jetstream.stream_info(name)).config


def _missing(subject: str, subjects: str) -> Reply:
    create = f"nats stream add OKTA --subjects {shlex.quote(subjects)}"
    return Reply(None, NO_STREAM, f"no stream takes {subject}: create one, as with `{create}`")


def _short(stream: str, window_s: float, needed_s: float) -> str:
    needed = _minutes(needed_s)
    return (
        f"the stream {stream} recognises a repeated event for {_minutes(window_s)}, but okhook"
        f" retries for up to {needed}: a late retry can be in it twice; run"
        f" `nats stream edit {shlex.quote(stream)} --dupe-window {needed}`"
    )


def _minutes(duration_s: float) -> str:
    """Return a duration as the ``nats`` command takes it, rounded up: ``90s``, ``57m``."""
    return f"{duration_s:.0f}s" if duration_s < 120 else f"{-(-duration_s // 60):.0f}m"

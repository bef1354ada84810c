"""What Okta would have seen of a call."""

import json
import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from okhook.testing.exchange import Exchange
from okhook.wire.delivery import echo_of
from okhook.wire.hook_call import CallAttempt, HookCall

_log = logging.getLogger("okhook.testing")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a call, and its answer.

    Without an answer ``status`` is None, and ``error`` says why. ``exception`` is what the
    application object raised, also after its answer.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed_s: float | None
    error: str | None
    exception: Exception | None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def traceback(self) -> str:
        """The traceback of ``exception``; empty without one."""
        return "" if self.exception is None else traceback_of(self.exception)

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the JSON in the body, or raise ``ValueError``."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """Return the first header with that name, in any case; None if it is missing."""
        found = (value for key, value in self.headers if key.lower() == name.lower())
        return next(found, None)

    def __repr__(self) -> str:
        said = self.error if self.status is None else f"{self.status} {self.text[:80]!r}"
        raised = "" if self.exception is None else f", raised {self.exception!r}"
        return f"<Attempt: {said}{raised}>"


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What Okta saw of one delivery: one attempt, or two after a timeout or a 5xx."""

    attempts: tuple[Attempt, ...]

    @property
    def last(self) -> Attempt:
        """The attempt that decides."""
        return self.attempts[-1]

    @property
    def status(self) -> int | None:
        """The status of the last answer; None if there was none."""
        return self.last.status

    @property
    def delivered(self) -> bool:
        """Whether Okta counts the delivery as received: the last answer was 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def error(self) -> str | None:
        """Why the last attempt got no answer; None if it got one."""
        return self.last.error

    @property
    def text(self) -> str:
        """The body of the last answer as text."""
        return self.last.text

    @property
    def exception(self) -> Exception | None:
        """What the application object raised in the last attempt."""
        return self.last.exception

    @property
    def traceback(self) -> str:
        """The traceback of ``exception``; empty without one."""
        return self.last.traceback

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the JSON in the body of the last answer, or raise ``ValueError``."""
        return self.last.json()


@dataclass(frozen=True, slots=True)
class VerificationResult(DeliveryResult):
    """What Okta saw of a verification: the answer to the ``challenge``."""

    challenge: str

    @property
    def verified(self) -> bool:
        """Whether Okta would verify the hook: 2xx, and JSON with the challenge."""
        return self.delivered and echo_of(self.last.body) == self.challenge


def traceback_of(exception: Exception, *, newest: int | None = None) -> str:
    """Return the traceback of an exception as Python prints it, or its ``newest`` entries."""
    limit = None if newest is None else -newest
    return "".join(traceback.format_exception(exception, limit=limit))


def attempts_of(call: HookCall, exchanges: Sequence[Exchange]) -> tuple[Attempt, ...]:
    """Return the attempts of a call; ``exchanges`` are those with an application object.

    What the app raised is logged: pytest shows the log of a test that fails.
    """
    for exchange in exchanges:
        if exchange.exception is not None:
            _log.error("the app raised an exception", exc_info=exchange.exception)
    raised = [exchange.exception for exchange in exchanges] or [None] * len(call.attempts)
    return tuple(
        _attempt(attempt, exception)
        for attempt, exception in zip(call.attempts, raised, strict=True)
    )


def _attempt(attempt: CallAttempt, exception: Exception | None) -> Attempt:
    answer, error = attempt.answer, attempt.error
    if answer is None:
        said = "no answer" if error is None else f"{error.fault}: {error.reason}"
        return Attempt(None, (), b"", None, said, exception)
    return Attempt(answer.status, answer.headers, answer.body, answer.elapsed_s, None, exception)

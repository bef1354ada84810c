"""A case of ``okhook check``: a rule that a receiver of event hooks should keep, as data.

The modules ``cases_*`` hold the cases, a group each; ``okhook.check.catalogue`` has them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from okhook.check.judging import Exchanges, Judge, accepted
from okhook.check.plan import Plan
from okhook.check.traffic import Traffic


class Group(StrEnum):
    """The part of the contract that a case is about, in the order in which they run."""

    TRANSPORT = "transport"
    CHALLENGE = "challenge"
    AUTHENTICATION = "authentication"
    DELIVERY = "delivery"
    PAYLOAD = "payload"


class Level(StrEnum):
    """How much a rule matters: a failed ``must`` loses events or lets strangers in.

    A failed ``note`` never makes a run fail: it is about what Okta's documentation leaves open.
    """

    MUST = "must"
    SHOULD = "should"
    NOTE = "note"


class Need(StrEnum):
    """What a case cannot run without. ``Target.lacks`` says whether it is there."""

    SOCKET = "socket"
    """A connection of its own: an application object without a server has none."""
    REMOTE = "remote"
    """A URL on another machine."""
    TLS = "tls"
    SECRET = "secret"  # noqa: S105 - the name of a need
    BASIC = "basic"
    CUSTOM_HEADER = "custom-header"
    OBSERVE = "observe"
    """A way to ask how often the app processed an event. Without it the case is not observed."""
    RESTART = "restart"
    CLASSIC = "classic"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A rule, what is sent to test it, and what is expected.

    ``rule`` is a sentence, and ``source`` the page that states it. ``sends``, ``expects`` and
    ``fix`` are sentences for people. ``then`` is what Okta does when the case fails, or what that
    leads to; without it that follows from the answer. Most cases are a must, and expect that every
    delivery is accepted, and its event processed once: so these are the defaults.

    ``plan`` returns what is sent, with new ids at each call. ``judge`` looks at the answers, and
    ``measure`` says what was measured when they are right. ``after`` are the ids of cases without
    which this one says nothing: it is skipped if one of them failed.
    """

    id: str
    title: str
    level: Level = Level.MUST
    rule: str
    source: str
    sends: str
    expects: str = "2xx, and the event is processed once"
    fix: str
    plan: Callable[[Traffic], Plan]
    judge: Judge = accepted
    then: str | None = None
    measure: Callable[[Exchanges], str] | None = None
    needs: frozenset[Need] = frozenset()
    after: tuple[str, ...] = ()

    @property
    def group(self) -> Group:
        """The first word of the id."""
        return Group(self.id.partition("-")[0])

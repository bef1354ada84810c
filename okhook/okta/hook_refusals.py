"""What to add to an org's refusal of a hook: its own words say little."""

from collections.abc import Iterator
from contextlib import contextmanager

from okhook.errors import OktaRefused
from okhook.okta.event_hooks import WantedHook
from okhook.okta.refusals import NotFound, ValidationFailed

FILTERS_NEED = (
    "event hook filters are Early Access: an org takes them once they are enabled in the Admin"
    " Console under Settings → Features"
)
MOST_ACTIVE = 25
"""Active event hooks that an org can have."""

_DEFINITIONS_NEED = (
    "an org takes a public https URL, eligible event types,"
    f" and at most {MOST_ACTIVE} active hooks in all"
)


@contextmanager
def explaining(wanted: WantedHook) -> Iterator[None]:
    """Add to a refused definition what orgs are known to refuse.

    How an org without the feature refuses a filter is not known, so any refusal of one says where
    to enable it.
    """
    try:
        yield
    except NotFound:
        raise
    except OktaRefused as fault:
        known = _DEFINITIONS_NEED if isinstance(fault, ValidationFailed) else fault.next_step
        reasons = (FILTERS_NEED if wanted.filters else None, known)
        fault.next_step = "\n".join(reason for reason in reasons if reason) or None
        raise

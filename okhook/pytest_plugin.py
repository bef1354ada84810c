"""The fixtures that ``pip install okhook`` gives pytest.

This module imports pytest alone: a suite that uses none of the fixtures pays for none of them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from okhook.testing import MakeDelivery, MakeEvent, SandboxOrg


@pytest.fixture
def okta_org() -> "Iterator[SandboxOrg]":
    """Return a new Okta org in this process, with its API on a free loopback port.

    ``url`` and ``token`` are for the program under test; ``create_user(…)``, ``create_hook(…)``,
    ``hooks``, ``log``, ``fault("429")``, ``advance(hours=24)`` and ``reset()`` are for the test.
    """
    from okhook.testing.org import SandboxOrg

    with SandboxOrg() as org:
        yield org


@pytest.fixture
def okta_event() -> "MakeEvent":
    """Return a function that makes an event: ``okta_event("user.session.start", target=None)``."""
    from okhook.testing.payloads import event

    return event


@pytest.fixture
def okta_delivery() -> "MakeDelivery":
    """Return a function that makes a delivery of event types or events: ``okta_delivery(event)``.

    The result is the body that Okta would send, as a dictionary.
    """
    from okhook.testing.payloads import delivery

    return delivery

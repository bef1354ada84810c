"""The fixtures that ``pip install okhook`` gives pytest.

This module imports pytest alone: a suite that uses none of the fixtures pays for none of them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from okhook.testing import (
        AsyncContract,
        AsyncDeliverer,
        Contract,
        Deliverer,
        MakeDelivery,
        MakeEvent,
        Receiver,
        SandboxOrg,
    )


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


@pytest.fixture
def okta_deliver() -> "Iterator[Deliverer]":
    """Return a function that delivers as Okta does: ``okta_deliver(app, okta_delivery())``.

    The target is a URL, or an ASGI or WSGI application object. The result is what Okta saw.
    ``okta_deliver.verify(app)`` sends the verification challenge.
    """
    from okhook.testing.deliverer import Deliverer

    with Deliverer() as deliver:
        yield deliver


_LOOPS = {"event_loop", "_function_event_loop", "_function_scoped_runner"}
"""The loop of a test in pytest-asyncio: before 1.0, in 1.0, and since 1.1."""


@pytest.fixture
def okta_deliver_async(request: pytest.FixtureRequest) -> "Iterator[AsyncDeliverer]":
    """Return the async twin of ``okta_deliver``, which runs in the event loop of the test."""
    from okhook.testing.deliverer import AsyncDeliverer

    for name in _LOOPS.intersection(request.fixturenames):
        # Set up before this fixture, it is closed after it: what runs in it can end.
        request.getfixturevalue(name)
    deliver = AsyncDeliverer()
    yield deliver
    deliver.end()


@pytest.fixture
def okta_receiver() -> "Iterator[Receiver]":
    """Return a receiver on a free loopback port, which keeps the deliveries that it gets.

    Register ``url`` as an event hook, and use ``wait_for(type=…, user=…, timeout=…)`` or
    ``deliveries``. After ``answer_next(503)`` Okta sends the next delivery once more.
    """
    from okhook.testing.receiver import Receiver

    with Receiver() as receiver:
        yield receiver


_CONTRACTS = {"okta_contract", "okta_contract_async"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each case where pytest has no subtests: before pytest 9."""
    named = _CONTRACTS.intersection(metafunc.fixturenames)
    if not named or metafunc.config.pluginmanager.has_plugin("subtests"):
        return
    chosen = [str(mark.args[:1]) for mark in metafunc.definition.iter_markers("parametrize")]
    from okhook.testing.contract import contract_cases

    cases = contract_cases()
    for name in named:
        if any(f"'{name}'" in names for names in chosen):  # the test chooses its cases itself
            continue
        metafunc.parametrize(name, cases, indirect=True, ids=cases)


@pytest.fixture
def okta_contract(request: pytest.FixtureRequest) -> "Contract":
    """Return a function that runs the cases of ``okhook check``: ``okta_contract(app)``.

    Each case is a subtest; before pytest 9, the test runs once for each case. The target is a URL,
    or an ASGI or WSGI application object.
    """
    from okhook.testing.reporting import Contract

    return Contract(request)


@pytest.fixture
def okta_contract_async(request: pytest.FixtureRequest) -> "AsyncContract":
    """Return the async twin of ``okta_contract``, which runs in the event loop of the test."""
    from okhook.testing.reporting import AsyncContract

    return AsyncContract(request)

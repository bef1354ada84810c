"""Test your receiver of Okta event hooks, in your own test suite.

With pytest, use the fixtures, such as ``okta_deliver``, ``okta_contract`` and ``okta_org``. Without
it, use the names here. They are stable; the modules in this package are not. The manual's page
``okhook help test-your-receiver`` has complete examples.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from okhook.testing.contract import (
        ContractResult,
        check_contract,
        check_contract_async,
        contract_cases,
    )
    from okhook.testing.deliverer import AsyncDeliverer, Deliverer
    from okhook.testing.lifespan import LifespanFailed
    from okhook.testing.org import OrgRefused, SandboxOrg
    from okhook.testing.payloads import MakeDelivery, MakeEvent, delivery, event
    from okhook.testing.receiver import Received, Receiver
    from okhook.testing.reporting import AsyncContract, Contract
    from okhook.testing.results import Attempt, DeliveryResult, VerificationResult

_PLACES = {
    "contract": (
        "ContractResult",
        "check_contract",
        "check_contract_async",
        "contract_cases",
    ),
    "deliverer": ("AsyncDeliverer", "Deliverer"),
    "lifespan": ("LifespanFailed",),
    "org": ("OrgRefused", "SandboxOrg"),
    "payloads": ("MakeDelivery", "MakeEvent", "delivery", "event"),
    "receiver": ("Received", "Receiver"),
    "reporting": ("AsyncContract", "Contract"),
    "results": ("Attempt", "DeliveryResult", "VerificationResult"),
}

__all__ = [
    "AsyncContract",
    "AsyncDeliverer",
    "Attempt",
    "Contract",
    "ContractResult",
    "Deliverer",
    "DeliveryResult",
    "LifespanFailed",
    "MakeDelivery",
    "MakeEvent",
    "OrgRefused",
    "Received",
    "Receiver",
    "SandboxOrg",
    "VerificationResult",
    "check_contract",
    "check_contract_async",
    "contract_cases",
    "delivery",
    "event",
]


if not TYPE_CHECKING:  # so that a type checker finds a name that does not exist

    def __getattr__(name: str) -> object:
        """Import what is used, and nothing else: a test of payloads needs no sandbox."""
        for module, names in _PLACES.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{module}"), name)
        raise AttributeError(f"okhook.testing has no {name!r}")


def __dir__() -> list[str]:
    return __all__

"""Every rule is caught by its own case, and by no other.

The whole table takes minutes: ``pytest -m mutants tests/check`` runs it.
"""

import pytest

import okhook.check.observing
from okhook.check.catalogue import CASES
from tests.check.mutants import MUTANTS, Mutant
from tests.check.runs import failed, results_of

NOT_HERE = {"transport-https", "transport-certificate"}
"""Cases about other machines and certificates: ``test_cases.py`` has them."""


@pytest.fixture(autouse=True)
def settles_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant works in the same moment, so a duplicate comes at once."""
    monkeypatch.setattr(okhook.check.observing, "SETTLE_S", 0.05)


@pytest.mark.mutants
@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_broken_rule_is_caught_by_its_case_alone(mutant: Mutant) -> None:
    """One fault is one failure, with a name that leads to it."""
    assert set(found := failed(results_of(mutant.make(), mutant.only))) == {mutant.case}, found


def test_every_case_has_a_mutant() -> None:
    """A case that nothing fails could be a case that cannot fail."""
    assert {mutant.case for mutant in MUTANTS} == {case.id for case in CASES} - NOT_HERE

"""``okta_contract`` in pytest's own reports: subtests, or a parametrised set before pytest 9."""

from pathlib import Path

import pytest

import okhook.testing.reporting  # noqa: F401 - once, and not anew in each run
import tests.testing.apps  # noqa: F401

pytest_plugins = ["pytester"]

SUITE = """
from collections import Counter
import pytest
from okhook.testing import contract_cases
from tests.testing.apps import good_app, wsgi_app

ONLY = ["challenge", "payload-malformed", "transport-keep-alive"]

def test_good(okta_contract):
    okta_contract(good_app(Counter()), secret="s3cret", only=ONLY)

def test_bad(okta_contract):
    okta_contract(wsgi_app, only=ONLY)

def test_strict(okta_contract):
    okta_contract(wsgi_app, only=["challenge-missing"], strict=True)

@pytest.mark.parametrize("okta_contract", contract_cases(), indirect=True)
def test_chosen(okta_contract):
    okta_contract(good_app(Counter()), secret="s3cret")

@pytest.mark.anyio
async def test_async(okta_contract_async):
    await okta_contract_async(good_app(Counter()), secret="s3cret", only=["challenge-echo"])
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    pytester.makepyfile(test_it=SUITE)
    return pytester


def lines_of(suite: pytest.Pytester, *arguments: str) -> list[str]:
    """Return a line for each test and subtest: its id, and how it ended."""
    quick = [f"-pno:{name}" for name in ("hypothesispytest", "cacheprovider", "xdist", "timeout")]
    result = suite.runpytest_inprocess("-v", *quick, *arguments)
    return [line.split(" [ ")[0] for line in result.outlines if line.startswith("test_it.py::")]


def ended(lines: list[str], *words: str) -> bool:
    """Tell whether one of the lines contains all the words."""
    return any(all(word in line for word in words) for line in lines)


def test_a_case_is_a_subtest(suite: pytest.Pytester) -> None:
    """A failed must fails the test, a failed should is an xfail, what needs more is skipped."""
    lines = lines_of(suite, "-k", "test_good or test_bad or test_strict or challenge-echo or async")
    assert ended(lines, "test_good", "SUBPASSED[challenge-echo]")
    assert ended(lines, "test_good", "SUBSKIPPED[transport-keep-alive]", "needs a URL")
    assert ended(lines, "test_good PASSED")
    assert ended(lines, "test_bad", "SUBFAILED[payload-malformed]")
    assert ended(lines, "test_bad", "SUBXFAIL[challenge-missing]")
    assert ended(lines, "test_bad FAILED")
    assert ended(lines, "test_strict", "SUBFAILED[challenge-missing]")
    assert ended(lines, "test_chosen[challenge-echo] PASSED")
    assert ended(lines, "test_async", "SUBPASSED[challenge-echo]")


def test_a_case_is_a_test_where_there_are_no_subtests(suite: pytest.Pytester) -> None:
    """As in pytest 8: with the same ids, of which ``-k`` chooses."""
    chosen = "challenge-echo or challenge-missing or payload-malformed"
    lines = lines_of(suite, "-p", "no:subtests", "-k", chosen)
    assert ended(lines, "test_good[challenge-echo] PASSED")
    assert ended(lines, "test_bad[payload-malformed] FAILED")
    assert ended(lines, "test_bad[challenge-missing] XFAIL")
    assert ended(lines, "test_strict[challenge-missing] FAILED")
    assert ended(lines, "test_strict[challenge-echo] SKIPPED")
    assert ended(lines, "test_chosen[challenge-echo] PASSED")
    assert ended(lines, "test_async", "challenge-echo] PASSED")

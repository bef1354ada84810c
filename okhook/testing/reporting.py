"""Report the cases of a contract to pytest: as subtests, or one for a parametrised test."""

from collections.abc import Sequence
from typing import Any, Unpack

import pytest

from okhook.testing.contract import (
    ContractOptions,
    ContractResult,
    check_contract,
    check_contract_async,
    selected_cases,
)


class _Reports:
    """Reports each case as a subtest; a parametrised test has only one case, its parameter."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._case: str | None = getattr(request, "param", None)
        self._subtests: Any = None if self._case else request.getfixturevalue("subtests")

    def _narrowed(self, options: ContractOptions) -> ContractOptions:
        """Return the options with the parameter as their only case, or skip one that they omit."""
        if self._case is None:
            return options
        chosen = {case.id for case in selected_cases(options)}
        if self._case not in chosen:
            pytest.skip("the test leaves this case out")
        return {**options, "only": (self._case,), "skip": ()}

    def _report(self, results: Sequence[ContractResult], *, strict: bool) -> None:
        __tracebackhide__ = True
        for result in results:
            if self._subtests is None:
                _tell(result, strict=strict)
            else:
                with self._subtests.test(msg=result.id):
                    _tell(result, strict=strict)


class Contract(_Reports):
    """Checks a receiver: ``okta_contract(app, secret="s3cret")``."""

    def __call__(
        self,
        target: object,
        path: str | None = None,
        *,
        strict: bool = False,
        **options: Unpack[ContractOptions],
    ) -> None:
        """Run the cases of ``okhook check`` against ``target``, and report each.

        A failed *must* fails the test; a failed *should* or *note* is an expected failure (xfail),
        unless ``strict`` makes a *should* fail, too. A case that cannot run here is skipped.
        """
        __tracebackhide__ = True
        self._report(check_contract(target, path, **self._narrowed(options)), strict=strict)


class AsyncContract(_Reports):
    """The async twin of :class:`Contract`: ``await okta_contract_async(app)``."""

    async def __call__(
        self,
        target: object,
        path: str | None = None,
        *,
        strict: bool = False,
        **options: Unpack[ContractOptions],
    ) -> None:
        """Run the cases as :class:`Contract` does, in the event loop of the test."""
        __tracebackhide__ = True
        results = await check_contract_async(target, path, **self._narrowed(options))
        self._report(results, strict=strict)


def _tell(result: ContractResult, *, strict: bool) -> None:
    if result.outcome in ("skipped", "not_observed"):
        pytest.skip(result.reason)
    if result.outcome == "failed":
        if result.level == "must" or (strict and result.level == "should"):
            pytest.fail(result.message, pytrace=False)
        pytest.xfail(f"{result.title}: {result.reason}")

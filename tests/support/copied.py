"""Copy a store as ``okhook store copy`` does."""

from collections.abc import Callable
from typing import Any

from okhook.config.store_location import StoreLocation
from okhook.store.copying import Copied, CopyTarget, copy_store
from okhook.store.open import copy_source, copy_target, open_reader


def copy_of_store(
    source: StoreLocation,
    target: StoreLocation,
    wrap: Callable[[CopyTarget], Any] = lambda target: target,
) -> Copied:
    """Copy a store; ``wrap`` may do something to what is filled."""

    def index() -> None:
        with open_reader(target) as reader:
            reader.catch_up(lambda _: None)

    with open_reader(source) as reader:
        assert reader.catch_up(lambda _: None) == 0
    with copy_source(source) as rows, copy_target(target) as filling:
        return copy_store(
            rows,
            wrap(filling),
            named=(str(source), str(target)),
            index=index,
            report=lambda *_: None,
        )

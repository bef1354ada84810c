"""Headers and filters on the command line."""

import pytest

from okhook.errors import InvalidInput
from okhook.okta.hook_edit import filters_of, pairs_of


def test_headers_and_filters_are_split_once() -> None:
    """The first colon, the first equals sign; blanks around them do not count."""
    assert pairs_of(["X-A: b:c ", "X-D:e"], "--header") == (("X-A", "b:c"), ("X-D", "e"))
    assert filters_of(["user.x=a eq 'b=c'"]) == (("user.x", "a eq 'b=c'"),)


def test_an_error_does_not_repeat_the_value() -> None:
    """A header may contain a secret."""
    with pytest.raises(InvalidInput) as caught:
        pairs_of(["X-Secret s3cr3t"], "--header")
    assert "s3cr3t" not in f"{caught.value.what}{caught.value.why}{caught.value.next_step}"
    with pytest.raises(InvalidInput):
        filters_of(["user.lifecycle.create"])
    with pytest.raises(InvalidInput, match="invalid --add-filter value: expected 'TYPE="):
        filters_of(["user.lifecycle.create"], "--add-filter")

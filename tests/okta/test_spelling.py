"""What people write on a command line about a hook."""

import pytest

from okhook.errors import InvalidInput
from okhook.okta.spelling import filters_of, headers_of


def test_headers_and_filters_are_split_once() -> None:
    """The first colon, the first equals sign; blanks around them do not count."""
    assert headers_of(["X-A: b:c ", "X-D:e"]) == (("X-A", "b:c"), ("X-D", "e"))
    assert filters_of(["user.x=a eq 'b=c'"]) == (("user.x", "a eq 'b=c'"),)


def test_what_has_no_separator_is_refused_and_not_repeated() -> None:
    """A header may hold a secret, so the text is left out of the error."""
    with pytest.raises(InvalidInput) as caught:
        headers_of(["X-Secret s3cr3t"])
    assert "s3cr3t" not in f"{caught.value.what}{caught.value.why}{caught.value.next_step}"
    with pytest.raises(InvalidInput):
        filters_of(["user.lifecycle.create"])
    with pytest.raises(InvalidInput, match="--add-filter has no = in it"):
        filters_of(["user.lifecycle.create"], "--add-filter")

"""Where on this machine a URL leads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.doctor.place import Place, place_of


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://127.0.0.1:1337/hook", Place(1337, "/hook")),
        ("http://[::1]:1337/hook", Place(1337, "/hook")),
        ("http://LOCALHOST", Place(80, "/")),
        ("https://hkdk.events/abc", None),
        ("http://127.0.0.1.evil.example:1337/hook", None),
        ("http://127.0.0.1:99999/hook", None),
        ("http://[bad", None),
        ("127.0.0.1:1337/hook", None),
    ],
)
def test_only_a_url_of_this_machine_has_a_place(url: str, place: Place | None) -> None:
    """What an org says of a hook need not even be a URL."""
    assert place_of(url) == place


@given(st.text())
def test_whatever_an_org_says_is_no_crash(text: str) -> None:
    """Most of it has no place."""
    assert place_of(text) is None or "://" in text

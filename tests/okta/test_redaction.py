"""Blotting secrets out of what others say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.okta.answers import object_without_secrets, redacting
from okhook.secret import Secret


@pytest.mark.parametrize(
    ("secret", "text", "left"),
    [
        ("hook-secret", "a hook-secret b hook-secret", "a … b …"),
        ("Basic dXNlcjpwdw==", "got dXNlcjpwdw== here", "got … here"),
        ('quo"ted-one', json.dumps({"a": 'quo"ted-one'}), '{"a": "…"}'),
        ("short", "a short word", "a short word"),
        ("hook-secret", "nothing of it", "nothing of it"),
    ],
)
def test_a_secret_is_redacted_in_each_spelling(secret: str, text: str, left: str) -> None:
    """As it is, as JSON, without its scheme; what is too short to be told from a word stays."""
    assert redacting([Secret(secret)])(text) == left


@given(
    before=st.text(max_size=8), secret=st.text(min_size=6, max_size=12), after=st.text(max_size=8)
)
def test_nothing_is_left_of_a_secret(before: str, secret: str, after: str) -> None:
    """In a text and at any place of a JSON value, keys included."""
    blotted = redacting([Secret(secret)])(before + secret + after)
    value = object_without_secrets({"a": [{secret: before + secret}]}, [Secret(secret)])
    [(key, inner)] = value["a"][0].items()
    assert all(secret not in text or "…" in secret for text in (blotted, key, inner))


def test_values_keep_their_shape() -> None:
    """Only texts change."""
    value = {"a": [1, True, None, 2.5, "hook-secret"]}
    assert object_without_secrets(value, [Secret("hook-secret")]) == {
        "a": [1, True, None, 2.5, "…"]
    }

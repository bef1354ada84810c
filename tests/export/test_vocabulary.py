"""The words that may stay: Okta's own, whatever their spelling, and none that names somebody."""

import pytest

from okhook.export.redacted_text import is_vocabulary
from okhook.wire.event_types import eligible
from tests.export.payloads import payload
from tests.support.each import check_each


@pytest.mark.parametrize(
    "token",
    ["user", "USER", "RATE_LIMIT", "eventType", "targetEventHookIds", "asOrg", "v1", "A2AServer"],
)
def test_technical_words(token: str) -> None:
    """In capitals, with humps or underscores: as Okta writes keys and enums."""
    assert is_vocabulary(token)


@pytest.mark.parametrize(
    "token",
    ["jane", "Doe", "userJane", "JANE_USER", "user1", "Acme", "asdf", "us\u00e9r", "aB", "12"],
)
def test_a_token_with_an_unknown_part_is_unknown(token: str) -> None:
    """Whatever its other parts are."""
    assert not is_vocabulary(token)


def test_members_and_event_types_are_known() -> None:
    """Okta's names stay readable."""

    def members(value: object) -> list[str]:
        match value:
            case dict():
                return [*value, *(name for entry in value.values() for name in members(entry))]
            case list():
                return [name for entry in value for name in members(entry)]
            case _:
                return []

    def all_known(event_type: str) -> None:
        names = [*event_type.split("."), *members(payload(event_type))]
        assert [name for name in names if not is_vocabulary(name)] == []

    check_each(sorted(eligible()), all_known)

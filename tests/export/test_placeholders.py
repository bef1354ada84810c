"""Placeholders: stable, of the same shape, and never the same for two originals."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.export.placeholders import (
    Kind,
    Placeholders,
    kind_of,
    kind_of_word,
    placeholder_address,
)


@pytest.mark.parametrize(
    ("original", "kind", "placeholder"),
    [
        ("jane.doe@acme.com", Kind.EMAIL, "user-1@example.com"),
        ("00u3gjksoiRGRAZHLSYV", Kind.OKTA_ID, "00uREDACTED000000001"),
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", Kind.UUID, "00000000-0000-4000-8000-000000000001"),
        ("ab609228fe84ce59cdcbfa690bcce016", Kind.HEX, "00000000000000000000000000000001"),
        ("10.1.2.3", Kind.IPV4, "192.0.2.1"),
        ("2a00:1450:4001::200e", Kind.IPV6, "2001:db8::1"),
        ("Jane Doe", Kind.NAME, "name-1"),
        ("deadbeefdeadbeef", Kind.NAME, "name-1"),
    ],
)
def test_a_placeholder_has_the_shape_of_its_original(
    original: str, kind: Kind, placeholder: str
) -> None:
    """So that a parser still accepts it."""
    assert kind_of(original, Kind.NAME) is kind
    assert Placeholders().of(original, kind) == placeholder
    assert kind_of(placeholder, Kind.NAME) is kind


def test_an_original_keeps_its_first_placeholder() -> None:
    """Whatever kind is asked for later."""
    placeholders = Placeholders()
    assert placeholders.of("Paris", Kind.CITY) == "city-1"
    assert placeholders.of("Paris", Kind.NAME) == "city-1"
    assert placeholders.of("London", Kind.CITY) == "city-2"


def test_a_placeholder_keeps_its_kind() -> None:
    """So that a second redaction changes nothing."""
    assert kind_of_word("city-12") is Kind.CITY
    assert kind_of_word("city-x") is Kind.TEXT


@pytest.mark.parametrize("kind", Kind)
def test_two_originals_never_share_a_placeholder(kind: Kind) -> None:
    """A thousand have a thousand, beyond the first block of addresses, too."""
    placeholders = Placeholders()
    made = {placeholders.of(f"00uOriginal{number:09}", kind) for number in range(1000)}
    assert len(made) == 1000


def test_addresses_are_not_global() -> None:
    """They are for documentation, benchmarks or future use."""
    around_the_ends_of_blocks = (254, 508, 762, 762 + 131_070)
    numbers = {end + beside for end in around_the_ends_of_blocks for beside in range(-3, 4)}
    for number in {*range(1, 1000), *range(1000, 140_000, 997), *numbers}:
        assert not ipaddress.ip_address(placeholder_address(number)).is_global


@given(numbers=st.lists(st.integers() | st.floats(allow_nan=False), max_size=20))
def test_equal_numbers_have_equal_placeholders(numbers: list[float]) -> None:
    """With the same type: 1 and 1.0 are two numbers."""
    placeholders = Placeholders()
    made = [placeholders.of_number(number) for number in numbers]
    assert [type(number) for number in made] == [type(number) for number in numbers]
    keys = [(type(number), number) for number in numbers]
    assert len(set(keys)) == len({(type(number), number) for number in made})

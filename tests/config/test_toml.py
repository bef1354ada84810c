"""TOML that may come from a stranger."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.config.toml import toml_of

MANY = 200_000

DEEP = {
    "a dotted key": "a." * MANY + "a = 1",
    "a dotted header": "[" + "a." * MANY + "a]",
    "a dotted key in a table": "x = {" + "a . " * MANY + "a = 1}",
    "a quoted key": "'a'." * MANY + "a = 1",
    "lists": "a = " + "[" * MANY + "]" * MANY,
    "lists on lines": "a = " + "[\n" * MANY,
    "tables": "a = " + "{a = " * MANY,
}


@pytest.mark.parametrize("kind", DEEP)
def test_deep_nesting_is_refused_at_once_field_10(kind: str) -> None:
    """Python's own reader recurses until it fails, or takes hours for a dotted key."""
    with pytest.raises(ValueError, match="nested too deeply"):
        toml_of(DEEP[kind])


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = 0x" + "g" * 5000, "a = '" + "[" * MANY])
def test_what_cannot_be_read_is_one_kind_of_error_field_10(text: str) -> None:
    """Also a number that Python refuses to convert."""
    with pytest.raises(ValueError, match=r".") as refused:
        toml_of(text)
    assert "set_int_max_str_digits" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "a = '" + "[" * 100 + "'",
        'a = "' + "[" * 100 + '\\""',
        "a = '''\n" + "a.[" * 100 + "''''",
        'a = """\n' + "a.[" * 100 + '\\""" """',
        "#" + "[." * 100 + "\na = 1",
        "a = [" + "1.5, " * 100 + "]",
        "".join(f"[a.b{number}]\n" for number in range(100)),
        "[[a]]\n[[a.b]]\n" * 1,
    ],
)
def test_what_looks_deep_is_read_field_10(text: str) -> None:
    """Brackets and dots in strings, comments and numbers make no level."""
    assert toml_of(text) == tomllib.loads(text)


@given(st.text(alphabet="a.[]{}=,'\"\\\n# 1"))
def test_every_text_is_read_as_python_reads_it(text: str) -> None:
    """The look before changes no result."""
    try:
        expected = tomllib.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            toml_of(text)
    else:
        assert toml_of(text) == expected

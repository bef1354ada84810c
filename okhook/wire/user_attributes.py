"""The attributes that the profile of a user has in every org."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple


class UserAttribute(NamedTuple):
    """An attribute, whose value is a text of a length between two bounds; 0 is no bound."""

    shortest: int
    longest: int
    title: str


@cache
def user_attributes() -> dict[str, UserAttribute]:
    """Return the attributes by name."""
    text = files("okhook.wire").joinpath("user_attributes.txt").read_text(encoding="ascii")
    rows = (line.split(maxsplit=3) for line in text.splitlines())
    return {
        name: UserAttribute(int(shortest), int(longest), title)
        for name, shortest, longest, title in rows
    }

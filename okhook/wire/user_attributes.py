"""The attributes that the profile of a user has in every org."""

from functools import cache
from importlib.resources import files


@cache
def user_attributes() -> dict[str, tuple[int, int, str]]:
    """Return the attributes: the shortest and the longest text, 0 for any, and the title."""
    text = files("okhook.wire").joinpath("user_attributes.txt").read_text(encoding="ascii")
    rows = (line.split(maxsplit=3) for line in text.splitlines())
    return {name: (int(shortest), int(longest), title) for name, shortest, longest, title in rows}

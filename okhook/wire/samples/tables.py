"""The tables beside this module: a line for each thing, its fields between bars."""

from importlib.resources import files


def table(name: str) -> dict[str, list[str]]:
    """Return the rows of the table ``name``, by their first field."""
    text = files("okhook.wire.samples").joinpath(f"{name}.txt").read_text(encoding="ascii")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    rows = ([field.strip() for field in line.split("|")] for line in lines)
    return {first: rest for first, *rest in rows}

"""The scenarios that come with okhook, to run and to copy from."""

from importlib.resources import files

_SUFFIX = ".toml"


def shipped_names() -> list[str]:
    """Return the names of the shipped scenarios."""
    entries = files("okhook").joinpath("trigger", "scenarios").iterdir()
    return sorted(e.name.removesuffix(_SUFFIX) for e in entries if e.name.endswith(_SUFFIX))


def shipped_text(name: str) -> str | None:
    """Return a shipped scenario as it is written; None where there is none of that name."""
    if name not in shipped_names():
        return None
    file = files("okhook").joinpath("trigger", "scenarios", f"{name}{_SUFFIX}")
    return file.read_text(encoding="utf-8")

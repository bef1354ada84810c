"""What the manual tells its readers to run."""

import re
from importlib.resources import files


def sql_of(topic: str, section: str) -> list[str]:
    """Return the SQL statements of a section of the manual."""
    return _parts(topic, section, "sql", ";")


def commands_of(topic: str, section: str) -> list[str]:
    """Return the lines for a shell of a section of the manual."""
    return _parts(topic, section, "sh", "\n")


def _parts(topic: str, section: str, language: str, end: str) -> list[str]:
    text = files("okhook.manual").joinpath(f"{topic}.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"(?ms)^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text)
    blocks = re.findall(rf"(?ms)^```{language}\n(.*?)^```", part)
    return [each.strip() for block in blocks for each in block.split(end) if each.strip()]

"""What the manual tells its readers to run."""

import re
from importlib.resources import files


def sql_of(topic: str, section: str) -> list[str]:
    """Return the SQL statements of a section of the manual."""
    text = files("okhook.manual").joinpath(f"{topic}.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"(?ms)^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text)
    blocks = re.findall(r"(?ms)^```sql\n(.*?)^```", part)
    return [each.strip() for block in blocks for each in block.split(";") if each.strip()]

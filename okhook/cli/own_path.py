"""How a shell finds ``okhook``: the commands to paste need it on the PATH."""

import shlex
import shutil
import sys
from pathlib import Path


def activation(shell: str) -> str | None:
    """Return the command that lets ``shell`` find okhook in its virtual environment.

    None if the PATH leads to okhook, or okhook is in no virtual environment.
    """
    if shutil.which("okhook"):
        return None
    name = "activate.fish" if Path(shell).name == "fish" else "activate"
    script = Path(sys.executable).with_name(name)
    return f"source {shlex.quote(str(script))}" if script.is_file() else None

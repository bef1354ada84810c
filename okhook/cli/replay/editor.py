"""Edit a payload in the user's editor."""

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from okhook.errors import AnswerIsNo, ConfigurationError, InvalidInput
from okhook.json_path import strict_json
from okhook.wire.delivery import body_of


def edited(body: bytes, environ: Mapping[str, str], *, asks_again: bool) -> bytes:
    """Open ``body`` in the editor, indented if it is JSON, and return the changed body.

    Without a change, the result is exactly ``body``. With ``asks_again``, the editor opens again
    until the text is JSON, or the same invalid text twice.
    """
    before = _shown(body)
    descriptor, name = tempfile.mkstemp(prefix="okhook-", suffix=".json")
    path = Path(name)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(before)
    last = before
    while True:
        _open_in_editor(path, environ)
        after = path.read_text(encoding="utf-8", errors="surrogateescape")
        if after == before:
            path.unlink()
            return body
        try:
            changed = body_of(strict_json(after))
        except (ValueError, RecursionError) as error:
            if asks_again and after != last:
                last = after
                continue
            send = shlex.join(("okhook", "send-sample", "--file", str(path)))
            raise InvalidInput(
                "the edited payload is not JSON, and was not sent",
                why=f"{error}\nyour edited payload is in {path}",
                next_step=f"send it as it is with `{send}`",
            ) from None
        path.unlink()
        return changed


def _shown(body: bytes) -> str:
    try:
        return json.dumps(strict_json(body), indent=2, ensure_ascii=False) + "\n"
    except (ValueError, RecursionError):
        return body.decode("utf-8", "surrogateescape")


def chosen_editor(environ: Mapping[str, str]) -> str | None:
    """Return the command of the editor that the environment names."""
    return environ.get("VISUAL") or environ.get("EDITOR") or None


def _open_in_editor(path: Path, environ: Mapping[str, str]) -> None:
    named = chosen_editor(environ) or "vi"
    try:
        done = subprocess.run([*shlex.split(named), str(path)], check=False)
    except (OSError, ValueError) as error:
        path.unlink()
        raise ConfigurationError(
            f"could not run the editor {named}",
            why=getattr(error, "strerror", None) or str(error),
            next_step="set EDITOR, or change the payload with --set FIELD=VALUE",
        ) from error
    if done.returncode != 0:
        path.unlink()
        raise AnswerIsNo(f"nothing was sent: the editor exited with {done.returncode}")

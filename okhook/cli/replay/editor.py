"""Let a person change a payload in their editor."""

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from okhook.errors import AnswerIsNo, ConfigurationError, InvalidInput
from okhook.json_path import strict_json
from okhook.wire.envelope import body_of

_EDITORS = ("VISUAL", "EDITOR")
_FALLBACK = "vi"


def edited(body: bytes, environ: Mapping[str, str], *, asks_again: bool) -> bytes:
    """Open ``body`` in the editor, indented where it is JSON, and return what was made of it.

    What is left as it was comes back as the very bytes that it was. With ``asks_again`` the editor
    opens again until what it leaves is JSON or the same text twice.

    Raises:
        ConfigurationError: there is no editor, or it cannot be run.
        AnswerIsNo: the editor ended with an error, as ``:cq`` in vi does: nothing is to be sent.
        InvalidInput: what was made is not JSON; the file is kept, and named.
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
            raise InvalidInput(
                "what you wrote is not JSON, and was not sent",
                why=str(error),
                next_step=f"it is kept in {path}; send it with"
                f" `okhook send-sample --file {path} --to URL`",
            ) from None
        path.unlink()
        return changed


def _shown(body: bytes) -> str:
    try:
        return json.dumps(strict_json(body), indent=2, ensure_ascii=False) + "\n"
    except (ValueError, RecursionError):
        return body.decode("utf-8", "surrogateescape")


def _open_in_editor(path: Path, environ: Mapping[str, str]) -> None:
    named = next((environ[name] for name in _EDITORS if environ.get(name)), _FALLBACK)
    try:
        done = subprocess.run([*shlex.split(named), str(path)], check=False)
    except (OSError, ValueError) as error:
        path.unlink()
        raise ConfigurationError(
            f"the editor {named} cannot be run",
            why=getattr(error, "strerror", None) or str(error),
            next_step="set EDITOR to one that can, or change the payload with --set PATH=JSON",
        ) from error
    if done.returncode != 0:
        path.unlink()
        raise AnswerIsNo(f"the editor ended with {done.returncode}: nothing was sent")

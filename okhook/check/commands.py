"""The commands and URLs of a user: count what the app did with an event, and restart the app."""

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import anyio

from okhook.check.observing import CannotObserve, Observe
from okhook.check.sending import CannotRestart, Restarting
from okhook.http.client import HttpClient, HttpError
from okhook.runtime.child import child_environment, end_group
from okhook.text import plain

UUID_VARIABLE: Final = "OKHOOK_EVENT_UUID"
UUID_IN_URL: Final = "{uuid}"

_COUNT: Final = re.compile(r"[0-9]{1,9}")
_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_READ_BYTES: Final = 4096
_SHOWN: Final = 200
_ASK_S: Final = 10.0
_RESTART_S: Final = 30.0
_BACK_S: Final = 15.0
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class _Ran:
    """How a command ended, and the beginnings of what it wrote."""

    code: int
    out: str
    err: str


def command_observer(command: str, environ: Mapping[str, str]) -> Observe:
    """Return an observer that runs a shell command with the uuid in ``OKHOOK_EVENT_UUID``.

    What it writes is the count; its exit code does not matter, because ``grep -c`` has 1 for none.
    """

    async def observe(uuid: str) -> int:
        try:
            ran = await _ran(command, {**child_environment(environ), UUID_VARIABLE: uuid}, _ASK_S)
        except TimeoutError:
            raise CannotObserve(f"--observe took longer than {_ASK_S:g} s") from None
        count = count_in(ran.out)
        if count is None:
            said = plain((ran.out or ran.err).strip(), limit=_SHOWN) or "nothing"
            raise CannotObserve(f"--observe wrote no number (exit code {ran.code}): {said}")
        return count

    return observe


def url_observer(url: str, http: HttpClient) -> Observe:
    """Return an observer that gets ``url`` with the uuid in place of ``{uuid}``; 404 is 0."""

    async def observe(uuid: str) -> int:
        try:
            answer = await http.send("GET", url.replace(UUID_IN_URL, quote(uuid)), timeout_s=_ASK_S)
        except HttpError as error:
            raise CannotObserve(f"the URL of --observe did not answer: {error.reason}") from None
        if answer.status == HTTPStatus.NOT_FOUND:
            return 0
        text = answer.body[:_READ_BYTES].decode("utf-8", "replace")
        count = count_in(text) if answer.is_success else None
        if count is None:
            said = plain(text.strip(), limit=_SHOWN) or "an empty body"
            hint = "; okhook sends it no secret" if answer.status in _REFUSED else ""
            raise CannotObserve(
                f"the URL of --observe gave no number: HTTP {answer.status}, {said}{hint}"
            )
        return count

    return observe


def count_in(text: str) -> int | None:
    """Return the number that a text is, or that is its ``count`` in JSON; None if it has none."""
    if _COUNT.fullmatch(text.strip()):
        return int(text)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    count = document.get("count") if isinstance(document, dict) else None
    return count if type(count) is int and count >= 0 else None


def command_restart(
    command: str, environ: Mapping[str, str], url: str, http: HttpClient
) -> Restarting:
    """Return a function that runs a shell command and waits until ``url`` answers again.

    What the command started in the background goes on running.
    """

    async def restart() -> None:
        try:
            ran = await _ran(command, child_environment(environ), _RESTART_S)
        except TimeoutError:
            raise CannotRestart(
                f"it did not end within {_RESTART_S:g} s: start the app in the background"
            ) from None
        if ran.code != 0:
            said = plain((ran.err or ran.out).strip(), limit=_SHOWN) or "nothing"
            raise CannotRestart(f"exit code {ran.code}: {said}")
        with anyio.move_on_after(_BACK_S):
            while not await _answers(url, http):  # noqa: ASYNC110 - nothing tells us
                await anyio.sleep(_LOOK_S)
            return
        raise CannotRestart(f"{url} did not answer within {_BACK_S:g} s after it")

    return restart


async def _answers(url: str, http: HttpClient) -> bool:
    try:
        await http.send("GET", url)
    except HttpError:
        return False
    return True


async def _ran(command: str, environ: Mapping[str, str], limit_s: float) -> _Ran:
    """Run a shell command; raise ``TimeoutError``, and end it, if it takes longer than allowed.

    It writes to files, because a pipe would stay open for what it starts in the background.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = await anyio.open_process(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environ,
            start_new_session=True,
        )
        try:
            with anyio.fail_after(limit_s):
                code = await process.wait()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await end_group(process.pid)
                await process.wait()
            raise
        written = []
        for stream in (out, err):
            stream.seek(0)
            written.append(stream.read(_READ_BYTES).decode("utf-8", "replace"))
    return _Ran(code, *written)

"""The commands and URLs of a user: count what the app did with an event, and restart the app."""

import json
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Final
from urllib.parse import quote

import anyio

from okhook.check.observing import CannotObserve, Observe
from okhook.check.sending import CannotRestart, Restarting, answers_within
from okhook.http.client import HttpClient
from okhook.http.errors import HttpError
from okhook.runtime.child import Child, StreamName, child_environment, end_group, running_child
from okhook.text import plain

UUID_VARIABLE: Final = "OKHOOK_EVENT_UUID"
UUID_IN_URL: Final = "{uuid}"

_COUNT: Final = re.compile(r"[0-9]{1,9}")
_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_READ_BYTES: Final = 4096
_MOST_BYTES: Final = 64 << 10
_MOST_LOGGED_BYTES: Final = 16 << 20
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

    @property
    def said(self) -> str:
        """What it wrote, for a person: its errors, else its output."""
        return plain((self.err.strip() or self.out.strip()), limit=_SHOWN)


class _TooLong(Exception):
    """A command wrote more than it may."""


class CommandObserver:
    """Runs a shell command with the uuid in ``OKHOOK_EVENT_UUID``.

    What it writes is the count; its exit code does not matter, because ``grep -c`` has 1 for none.
    What it leaves in the background is killed.
    """

    def __init__(self, command: str, environ: Mapping[str, str]) -> None:
        self._command = command
        self._environ = child_environment(environ)
        self._children: list[Child] = []

    async def __call__(self, uuid: str) -> int:
        """Return how often the event was processed, or raise ``CannotObserve``."""
        try:
            ran = await self._ran({**self._environ, UUID_VARIABLE: uuid})
        except TimeoutError:
            raise CannotObserve(f"--observe took longer than {_ASK_S:g} s") from None
        except _TooLong:
            raise CannotObserve(
                f"--observe wrote more than {_MOST_BYTES >> 10} KiB: expected a number alone"
            ) from None
        count = count_in(ran.out)
        if count is None:
            wrote = f": {ran.said}" if ran.said else ", and nothing else"
            raise CannotObserve(f"--observe wrote no number (exit code {ran.code}){wrote}")
        return count

    def kill_now(self) -> None:
        """Kill the commands that still run, without waiting."""
        for child in self._children:
            child.kill_now()

    async def _ran(self, environ: Mapping[str, str]) -> _Ran:
        """Run the command, and end all that it started.

        Raises:
            TimeoutError: it takes longer than a question may.
            _TooLong: it writes more than any answer has.
        """
        written = {"stdout": bytearray(), "stderr": bytearray()}

        with anyio.CancelScope() as reading:

            def take(name: StreamName, chunk: bytes) -> None:
                part = written[name]
                part += chunk[: _MOST_BYTES + 1 - len(part)]
                if name == "stdout" and len(part) > _MOST_BYTES:
                    reading.cancel()

            async with running_child(
                _shell(self._command), environ=environ, dies_with_parent=False
            ) as child:
                self._children.append(child)
                with anyio.fail_after(_ASK_S):
                    code = await child.follow(take)
                child.kill_now()
        if reading.cancelled_caught:
            raise _TooLong
        return _Ran(code, *(_beginning(part) for part in written.values()))


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

    def fault(what: str, fix: str) -> CannotRestart:
        return CannotRestart(
            f"--restart {plain(shlex.quote(command), limit=_SHOWN)} {what}", fix=fix
        )

    async def restart() -> None:
        try:
            ran = await _ran(command, child_environment(environ))
        except TimeoutError:
            raise fault(
                f"did not end within {_RESTART_S:g} s",
                "let the command start the app in the background, and end",
            ) from None
        except _TooLong:
            raise fault(
                f"wrote more than {_MOST_LOGGED_BYTES >> 20} MiB",
                "send the output of the app to a file, as in >app.log 2>&1",
            ) from None
        if ran.code != 0:
            wrote = f": {ran.said}" if ran.said else ", and wrote nothing"
            raise fault(
                f"ended with exit code {ran.code}{wrote}",
                "run the command by hand, and correct it until it ends with exit code 0",
            )
        if not await answers_within(_BACK_S, http, url, timeout_s=_ASK_S):
            raise fault(
                f"ended well, but {url} did not answer within {_BACK_S:g} s",
                "let the command start the app again, and look into the log of the app",
            )

    return restart


async def _ran(command: str, environ: Mapping[str, str]) -> _Ran:
    """Run a shell command that may leave an app running.

    It writes to files, because the app would end when nobody reads its pipe any more.

    Raises:
        TimeoutError: it takes longer than a restart may, and was ended.
        _TooLong: it writes more than a restart may, and was ended.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = await anyio.open_process(
            _shell(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environ,
            start_new_session=True,
        )
        try:
            with anyio.fail_after(_RESTART_S):
                while process.returncode is None:
                    _check_size(out, err)
                    with anyio.move_on_after(_LOOK_S):
                        await process.wait()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await end_group(process.pid)
                await process.wait()
            raise
        written = []
        for stream in (out, err):
            stream.seek(0)
            written.append(_beginning(stream.read(_READ_BYTES)))
    return _Ran(process.returncode, *written)


def _check_size(*files: IO[bytes]) -> None:
    if any(os.fstat(file.fileno()).st_size > _MOST_LOGGED_BYTES for file in files):
        raise _TooLong


def _shell(command: str) -> list[str]:
    return ["/bin/sh", "-c", command]


def _beginning(written: bytes | bytearray) -> str:
    return bytes(written[:_READ_BYTES]).decode("utf-8", "replace")

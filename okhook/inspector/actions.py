"""What the page can do: replay a delivery, also with another body, and send a sample."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import anyio
from anyio import to_thread

from okhook.config.layers import load_settings
from okhook.config.paths import state_directory, store_file, working_directory
from okhook.config.setting import Layer
from okhook.config.store_location import DatabaseUrl, StoreLocation
from okhook.errors import InvalidInput, OkhookError, Unavailable
from okhook.forward.senders import Senders
from okhook.forward.sending import Destination
from okhook.http.client import HttpClient
from okhook.inspector.code import code_for
from okhook.inspector.overview import hook_state, running_of
from okhook.inspector.records import IN_THE_TERMINAL
from okhook.json_form import JsonObject, timestamp
from okhook.json_path import NotAPath, parse_assignment
from okhook.records.record import Found
from okhook.replay.replayer import Replay, Replayed, Replayer
from okhook.replay.targets import WITH_BODY, meant_target, next_number
from okhook.runtime.ids import RANDOM_IDS
from okhook.runtime.run_files import ReceiverRun, RunDirectory, UpRun
from okhook.runtime.running_here import running_here
from okhook.secret import HookAuth, StreamLogin
from okhook.send_sample.sender import Recipient, SampleSent, Tally, send_samples
from okhook.store.contract import Reader
from okhook.store.open import open_reader, open_store
from okhook.text import plain
from okhook.wire.event_types import DEFAULT_EVENT_TYPE, eligible
from okhook.wire.hook_call import TIMEOUT_S
from okhook.wire.org import is_loopback
from okhook.wire.samples.sample import Sample, SampleOrder, sample_of
from okhook.wire.target_url import (
    gets_okta_bytes,
    is_http_url,
    is_stream,
    split_login,
    without_logins,
)
from okhook.wire.url import without_credentials

_MOST_EVENTS = 100
_LONGEST_URL = 2000
_LONGEST_COMMAND_S = 90.0


@dataclass(frozen=True, slots=True)
class Actions:
    """Acts on the store in ``store``. ``auth`` is the hook's secret, None if not known."""

    store: StoreLocation
    run_directory: RunDirectory
    now: Callable[[], datetime]
    auth: HookAuth | None = None
    forward_timeout_s: float = 30.0
    login_for: Callable[[str], StreamLogin | None] = lambda _: None

    def choices(self, reader: Reader) -> JsonObject:
        """Return what a filter can name: event types, those that came first; apps; receivers."""
        seen = sorted(reader.event_types_seen())
        return {
            "types": list(dict.fromkeys([*seen, *sorted(eligible())])),
            "targets": sorted({without_credentials(target.url) for target in reader.targets()}),
            "receivers": sorted(reader.receivers()),
        }

    def code_for(self, reader: Reader, found: Found) -> JsonObject:
        """Return the programs that send a delivery again, by the name of their tool."""
        tried = [attempt.target for attempt in reader.attempts(found.record.seq)]
        apps = list(filter(gets_okta_bytes, tried))
        url = apps[-1] if apps else self.receiver_url()
        return {
            "code": code_for(found.record, without_credentials(url or "http://localhost:3000/"))
        }

    def receiver_url(self) -> str | None:
        """Return the URL of a receiver that runs on this machine, None if none does."""
        return next((run.url for run in self.run_directory.running(ReceiverRun)), None)

    def receivers(self) -> list[ReceiverRun]:
        """Return the receivers on this machine that use this store."""
        running = self.run_directory.running(ReceiverRun)
        return [run for run in running if run.stores_in(self.store)]

    def served_apps(self) -> set[str]:
        """Return the apps that receivers on this machine forward to now."""
        return {app for run in self.receivers() for app in run.forward_to}

    async def replay(self, found: Found, asked: dict[str, Any]) -> JsonObject:
        """Send a delivery to the app ``to`` once; with ``body``, that text instead of its own."""
        record = found.record
        if record.kind not in WITH_BODY:
            raise InvalidInput(f"cannot replay {record.seq}", why="it has no body")
        to, edited = _text(asked, "to"), asked.get("body")
        to, number = await to_thread.run_sync(self._target_and_number, to, record.seq)
        body = record.request.body
        if isinstance(edited, str):
            body = edited.encode("utf-8", "replace")
        changed = body != record.request.body
        replay = Replay(
            replace(record, request=replace(record.request, body=body)), to, number, changed=changed
        )
        results: list[Replayed] = []
        async with AsyncExitStack() as resources:
            store = await resources.enter_async_context(open_store(self.store))
            http = HttpClient(timeout_s=self.forward_timeout_s)
            senders = await resources.enter_async_context(Senders(http, now=self.now))
            login = self.login_for(to)
            where = Destination(to, self.auth, timeout_s=self.forward_timeout_s, login=login)
            send = senders.send_to(where, replay.purpose)
            await Replayer(report=results.append).replay_all([replay], lambda _: send, store.note)
        return results[0].to_json() | {"target": without_credentials(to)}

    async def send_sample(self, asked: dict[str, Any]) -> JsonObject:
        """Send a sample to the receiver that runs here, as Okta would."""
        url = self.receiver_url()
        if url is None:
            raise InvalidInput(
                "no receiver runs on this machine", next_step="start one with `okhook serve`"
            )
        sample = _sample_of(asked, self.now())
        sent: list[SampleSent] = []
        reached = running_here(self.run_directory).control_socket_of(url)
        recipient = Recipient(url, self.auth, *(reached or ()) if self.auth is None else ())
        async with HttpClient(timeout_s=TIMEOUT_S, unix_socket=recipient.control_socket) as client:
            await send_samples(
                client,
                recipient,
                [sample],
                copies=1,
                concurrency=1,
                tally=Tally(),
                report=sent.append,
            )
        return sent[0].to_json()

    async def cause(self, asked: dict[str, Any]) -> JsonObject:
        """Cause a real event in the sandbox that runs here, and wait until it arrives."""
        event_type = _text(asked, "event")
        if event_type not in running_of(self.run_directory)["causable"]:
            raise InvalidInput(
                f"no sandbox on this machine can cause {plain(event_type, limit=80)}",
                next_step="start one with `okhook up --sandbox`",
            )
        words = ("trigger", event_type, "--org", "sandbox", "--timeout", "20s")
        return {"lines": await lines_of(words, self.store)}

    async def examine(self) -> JsonObject:
        """Make the checks of ``okhook doctor``. Its error only counts those that failed."""
        lines = await _output_of(("doctor",), self.store)
        findings = [line for line in lines if line.get("type") != "error"]
        return {"lines": findings or _without_error(lines)}

    async def look_at_hook(self, asked: dict[str, Any]) -> JsonObject:
        """Ask the org of a running ``okhook up`` how its hook is."""
        org, hook_id = _text(asked, "org"), _text(asked, "hook_id")
        ups = await to_thread.run_sync(self.run_directory.running, UpRun)
        run = next((each for each in ups if (each.org, each.registered) == (org, hook_id)), None)
        if run is None:
            raise InvalidInput("no okhook up on this machine has this hook")
        (hook,) = await lines_of(("hooks", "show", hook_id, "--org", org), self.store)
        status, verification = str(hook["status"]), str(hook["verificationStatus"])
        return {
            "status": status,
            "verification": verification,
            "seen_at": timestamp(self.now()),
            **hook_state(run, status, verification),
        }

    def _target_and_number(self, to: str, seq: int) -> tuple[str, int]:
        """Return the app that the page means by ``to``, and the number of the next attempt there.

        An app on another machine, or a stream, is refused if okhook never sent anything to it.
        """
        with open_reader(self.store) as reader:
            to = meant_target(reader, to, seq, next_step=IN_THE_TERMINAL)
            is_known = to in [target.url for target in reader.targets()]
            if not _is_on_this_machine(to) and not is_known:
                to = without_credentials(without_logins(to))
                raise InvalidInput(
                    "the page sends only to apps on this machine, and to targets that okhook sent"
                    f" to before; {plain(to, limit=80)} is neither",
                    next_step=f"run `{shlex.join(('okhook', 'replay', str(seq), '--to', to))}`",
                )
            return to, next_number(reader, seq, to)


def _is_on_this_machine(to: str) -> bool:
    """Return whether an app is on this machine, or raise ``InvalidInput`` for an invalid URL."""
    if len(to) > _LONGEST_URL:
        raise InvalidInput(f"the URL is longer than {_LONGEST_URL} characters")
    if is_stream(to):
        return False
    if not is_http_url(to) or split_login(to)[1] is not None:
        raise InvalidInput(
            f"invalid URL {plain(to, limit=80)}: expected one like http://localhost:3000/hook"
        )
    return is_loopback(urlsplit(to).hostname or "")


def _sample_of(asked: dict[str, Any], now: datetime) -> Sample:
    given = {
        name: _text(asked, name)
        for name in ("first_name", "last_name", "login")
        if asked.get(name) not in (None, "")
    }
    events = asked.get("events") or 1
    if not isinstance(events, int) or not 1 <= events <= _MOST_EVENTS:
        raise InvalidInput(f"the number of events must be from 1 to {_MOST_EVENTS}")
    lines = [line for line in _text(asked, "set", "").splitlines() if line.strip()]
    try:
        order = SampleOrder(
            _text(asked, "event", DEFAULT_EVENT_TYPE),
            events=events,
            assignments=tuple(map(parse_assignment, lines)),
            **given,
        )
        return sample_of(order, ids=RANDOM_IDS, now=now)
    except NotAPath as error:
        raise InvalidInput(f"cannot set {error}") from None


def _text(asked: dict[str, Any], name: str, default: str | None = None) -> str:
    value = asked.get(name) or default
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is missing")
    return value


async def lines_of(words: Sequence[str], store: StoreLocation) -> list[JsonObject]:
    """Return the JSON lines of ``okhook WORDS``, or raise the error that it ends with."""
    return _without_error(await _output_of(words, store))


def _without_error(lines: list[JsonObject]) -> list[JsonObject]:
    last = lines[-1]
    if last.get("type") == "error":
        raise InvalidInput(last["what"], why=last["why"], next_step=last["next_step"])
    return lines


async def _output_of(words: Sequence[str], store: StoreLocation) -> list[JsonObject]:
    """Return all JSON lines of ``okhook WORDS``, in a process of its own: it handles signals."""
    command = [sys.executable, "-m", "okhook", *words, "--output", "json"]
    environ = {**os.environ, **_variable_of(store)}
    done = None
    with anyio.move_on_after(_LONGEST_COMMAND_S):
        done = await anyio.run_process(command, env=environ, stdin=subprocess.DEVNULL, check=False)
    shown = f"okhook {words[0]}"
    if done is None:
        raise Unavailable(f"{shown} took longer than {_LONGEST_COMMAND_S:g} s")
    lines: list[JsonObject] = [json.loads(line) for line in done.stdout.splitlines()]
    if not lines:
        raise Unavailable(f"{shown} wrote nothing", next_step=f"run `{shown}` in a terminal")
    return lines


def _variable_of(store: StoreLocation) -> dict[str, str]:
    """Return the variable that leads a command to the store; none if it finds it by itself.

    A flag could be read by others: the store may have a password.
    """
    if _store_of_settings() == store:
        return {}
    return {"OKHOOK_STORE": store.reveal() if isinstance(store, DatabaseUrl) else str(store)}


def _store_of_settings() -> StoreLocation | None:
    """Return the store that a command without flags uses; None if the settings are invalid."""
    environ = dict(os.environ)
    try:
        named = load_settings(Layer({}, {}), environ, working_directory()).store
        return store_file(state_directory(environ)) if named is None else named.value
    except OkhookError:
        return None

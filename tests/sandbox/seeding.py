"""Let something have happened in a sandbox org: entries of its System Log, with given times.

A :class:`Seed` is an entry to be; ``published`` is aware, ``hook_ids`` are the hooks that the org
had for the event (``targetEventHookIds``). The entries have the shape that the sandbox gives its
own, so that a client can read them, and the ``uuid`` may be chosen.

In the process of the test, while the org runs::

    async with org_rig(tmp_path) as org:
        hook = await org.verified_hook(receiver.url)
        uuids = seed(org.sandbox.log, [Seed("user.lifecycle.create", an_hour_ago, (hook["id"],))])

For a sandbox that is a process of its own, in the file of its ``--data``, before it starts::

    hook = seeded_hook("http://127.0.0.1:1/", ["user.lifecycle.create"], created=yesterday)
    seeds = [Seed("user.lifecycle.create", an_hour_ago, (hook["id"],))]
    uuids = seed_file(path, seeds, hooks=[hook])
    okhook sandbox --data path

The file may be one that a sandbox has left: what is in it stays. However many entries it is given
are loaded; the sandbox itself writes back the newest thousand.

Nothing is delivered for a seed, because it is past. Entries go where their times belong, and all
entries of the log are numbered anew, so a cursor from before reads the log from its beginning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from okhook.runtime.ids import new_okta_id, new_uuid, utc_now
from okhook.sandbox.hook_body import read_hook
from okhook.sandbox.hooks import create_hook, verify_hook
from okhook.sandbox.log_entries import Cause, LogEvent, log_entry, with_hook_ids
from okhook.sandbox.org_file import load_org, org_text, write_org
from okhook.sandbox.system_log import CAPACITY, SystemLog, logged
from okhook.wire.samples.sample import party
from tests.sandbox.rig import Json, hook_body

ADMIN = party("User", "00uSandboxAdmin00000", "admin@sandbox.example", "Sandbox Admin")
JANE = party("User", "00uJaneDoe0000000000", "jane.doe@example.com", "Jane Doe")
CAUSE = Cause("0" * 32, "/api/v1/users", "127.0.0.1", "tests", "00TSeed0000000000000")


@dataclass(frozen=True, slots=True)
class Seed:
    """An entry that the log is to have. ``failure`` makes it a FAILURE for that reason.

    ``details`` are members of its ``debugData``.
    """

    event_type: str
    published: datetime
    hook_ids: tuple[str, ...] = ()
    targets: tuple[Mapping[str, Any], ...] = (JANE,)
    failure: str | None = None
    details: tuple[tuple[str, str], ...] = ()
    uuid: str = field(default_factory=new_uuid)

    def entry(self) -> Json:
        """Return it as the log has it."""
        entry = log_entry(
            LogEvent(self.event_type, self.targets, CAUSE, self.failure, self.details),
            uuid=self.uuid,
            published=self.published,
            actor=ADMIN,
        )
        return with_hook_ids(entry, self.hook_ids)


def every(
    step: timedelta,
    count: int,
    *,
    until: datetime,
    event_type: str = "user.lifecycle.create",
    hook_ids: tuple[str, ...] = (),
) -> list[Seed]:
    """Return ``count`` seeds, one each ``step``, oldest first, the last of them at ``until``."""
    began = until - step * (count - 1)
    return [Seed(event_type, began + step * n, hook_ids) for n in range(count)]


def seed(log: SystemLog, seeds: Sequence[Seed]) -> list[str]:
    """Put ``seeds`` into a log and return their uuids, in the order of ``seeds``."""
    added = [logged(0, each.published, each.entry()) for each in seeds]
    entries = sorted([*log.newest(CAPACITY), *added], key=lambda entry: entry.published)
    renumbered = [replace(entry, seq=n) for n, entry in enumerate(entries, log.last_seq + 1)]
    SystemLog.__init__(log, log.last_seq + 1, renumbered)
    return [each.uuid for each in seeds]


def seeded_hook(
    url: str,
    events: Sequence[str],
    *,
    created: datetime,
    name: str = "Seeded hook",
    verified: bool = True,
) -> Json:
    """Return a hook without a secret, ACTIVE and VERIFIED, for :func:`seed_file`."""
    state, _ = load_org(None, created)
    draft = read_hook(hook_body(url, name=name, events=events))
    hook = create_hook(state, draft, new_okta_id("who"), created)
    return verify_hook(state, hook["id"], draft.channel, created) or hook if verified else hook


def seed_file(
    path: Path,
    seeds: Sequence[Seed],
    *,
    hooks: Iterable[Json] = (),
    now: datetime | None = None,
) -> list[str]:
    """Put ``seeds`` and ``hooks`` into the org of a file, a fresh one where there is none.

    Returns the uuids, in the order of ``seeds``.
    """
    state, log = load_org(path, now or utc_now())
    state.hooks |= {hook["id"]: hook for hook in hooks}
    uuids = seed(log, seeds)
    write_org(path, org_text(state, log, entries=CAPACITY))
    return uuids

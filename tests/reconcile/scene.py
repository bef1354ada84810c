"""A look with a store on the disk and a cursor: an org's log, and what was shown of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from okhook.reconcile.activities import Reconciled
from okhook.reconcile.cursor import ReconcileCursor, Window
from okhook.reconcile.received import Received
from okhook.reconcile.reconciler import Reconciler
from okhook.reconcile.redeliver import Reconstruction, Redeliver
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.runtime.uptime import Period
from okhook.store.open import open_store
from tests.okta.fake_log import FakeLog, JsonObject, log_api, log_entry
from tests.okta.setup import ORG
from tests.reconcile.rig import CREATE, HOOK_ID, Shown, a_hook, after
from tests.support.records import post, stored

GRACE = timedelta(minutes=10)


def created(number: int, minutes: float) -> JsonObject:
    """Return the entry of an event that the hook was meant to deliver."""
    return log_entry(f"uuid-{number}", CREATE, published=after(minutes), hook_ids=HOOK_ID)


@dataclass
class Scene:
    """An org's log, a store, a cursor, and what was shown."""

    state: Path
    log: FakeLog = field(default_factory=FakeLog)
    shown: Shown = field(default_factory=Shown)
    fails_at: int | None = None
    periods: list[Period] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.state / "store.db"

    @property
    def cursor(self) -> ReconcileCursor:
        return ReconcileCursor(self.state, ORG, HOOK_ID)

    @asynccontextmanager
    async def reconciler(
        self, redeliver: Redeliver | None = None, *, as_if_active: bool = False
    ) -> AsyncIterator[Reconciler]:
        with Received(self.path) as received:
            async with log_api(self.log) as api:
                yield Reconciler(
                    org=ORG,
                    hook=a_hook(),
                    log=api,
                    received=received,
                    cursor=self.cursor,
                    periods=lambda: self.periods,
                    publish=self.shown,
                    redeliver=redeliver,
                    as_if_active=as_if_active,
                )

    async def look(
        self, window: Window, redeliver: Redeliver | None = None, *, as_if_active: bool = False
    ) -> Reconciled:
        async with self.reconciler(redeliver, as_if_active=as_if_active) as reconciler:
            return await reconciler.look(window)

    async def keep(self, *uuids: str) -> None:
        async with open_store(self.path) as store:
            for uuid in uuids:
                await store.append(stored(f"event-{uuid}", uuid))

    async def take(self, missing: Reconstruction) -> None:
        """Keep a reconstructed delivery."""
        record = NewRecord(
            RecordKind.DELIVERY, post(missing.body), 204, None, AuthOutcome.NOT_ASKED
        )
        async with open_store(self.path) as store:
            await store.append(record)


def window(begin: float, end: float) -> Window:
    """Return the time between two moments, in minutes after noon."""
    return Window(after(begin), after(end), GRACE)

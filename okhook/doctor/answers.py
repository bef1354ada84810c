"""What several checks need to know, each of it asked for once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import final

from anyio import to_thread

from okhook.config.setting import Setting
from okhook.doctor.canary import CanarySent, send_canary
from okhook.doctor.checks_hook import UrlsHere, making_a_hook
from okhook.doctor.checks_log import entries_about, may_read_log, rate_limit_entries
from okhook.doctor.checks_org import org_answer
from okhook.doctor.checks_receiver import WayIn, way_in
from okhook.doctor.checks_secret import SecretEvidence
from okhook.doctor.evidence import is_of_this_run, last_delivery, was_written
from okhook.doctor.finding_the_hook import hook_meant
from okhook.doctor.once import Once
from okhook.doctor.orphans import OrphanedHook, orphaned_hooks
from okhook.doctor.parts import LocalParts, OrgParts
from okhook.doctor.receivers import ReceiverHere, receivers_here
from okhook.doctor.tunnels import TunnelHere, tunnels_here, urls_of
from okhook.errors import Unavailable
from okhook.http.client import Answer
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.log_entry import LogEntry
from okhook.okta.permissions import Permission, permissions
from okhook.okta.system_log import SystemLogApi
from okhook.records.record import Record
from okhook.tunnel.url_history import UrlHistory
from okhook.wire.org import Org

_CANARY_SHARE = 0.4
"""What of a check's time a canary may take to arrive: its POST comes before, and may be slow."""

_ORG_SHARE = 0.5
"""What of a check's time the org may take for its first answer, so that silence has a cause."""


@final
class Answers:
    """The answers, from the org and from this machine; asked for when a check first needs them."""

    def __init__(
        self, local: LocalParts, org: OrgParts, *, timeout_s: float, now: Callable[[], datetime]
    ) -> None:
        self._local = local
        self._org = org
        self._now = now
        self._timeout_s = timeout_s
        self.org_answer = Once(self._ask_org)
        self.permissions = Once(self._ask_permissions)
        self.hooks = Once(self._ask_hooks)
        self.hook = Once(self._find_hook)
        self.last = Once(self._find_last)
        self.way = Once(self._find_way)
        self.canary = Once(self._send_canary)
        self.evidence = Once(self._gather_evidence)

    @property
    def client(self) -> OktaClient:
        """The org's client.

        Raises:
            Unavailable: no org and credential are set.

        """
        if self._org.client is None:
            raise Unavailable("there is no org to ask")
        return self._org.client

    async def takes_a_canary(self, hook: EventHook) -> bool:
        """Tell whether a canary that went to the hook's own URL was taken here."""
        sent = await self.canary.get_or_none()
        if sent is None or sent.url != hook.url:
            return False
        return sent.record is not None and not sent.was_refused

    async def log_of_hook(self) -> tuple[LogEntry, ...] | None:
        """Return what the log has of the hook; None where there is no hook, or no right to."""
        hook = await self.hook.get_or_none()
        if hook is None or not may_read_log(await self.permissions.get()):
            return None
        return await entries_about(SystemLogApi(self.client), hook, self._now())

    async def log_of_limits(self) -> tuple[LogEntry, ...] | None:
        """Return what the log has of limits that were met; None where it may not be read."""
        if not may_read_log(await self.permissions.get()):
            return None
        return await rate_limit_entries(SystemLogApi(self.client), self._now())

    async def orphans(self) -> list[OrphanedHook]:
        """Return the hooks that lead to a tunnel of this machine that is gone."""
        return orphaned_hooks(
            await self.hooks.get(),
            UrlHistory(self._local.run_directory).all(),
            frozenset(urls_of(self.tunnels())),
            {hook_id for _, hook_id in self._org.remembered.names_and_ids()},
        )

    def receivers(self) -> Sequence[ReceiverHere]:
        """Return the receivers that run here."""
        return receivers_here(self._local.run_directory)

    def tunnels(self) -> list[TunnelHere]:
        """Return the tunnels that run here."""
        return tunnels_here(self._local.run_directory)

    def urls_here(self) -> UrlsHere:
        """Return the URLs that lead here, and those that did."""
        receivers = tuple(receiver.url for receiver in self.receivers())
        return UrlsHere(
            tunnels=tuple(urls_of(self.tunnels())),
            named=self._local.url,
            receivers=receivers,
            reachable=receivers if self._org_is_here() else (),
            past=frozenset(each.url for each in UrlHistory(self._local.run_directory).all()),
        )

    async def _ask_org(self) -> tuple[Answer, datetime]:
        answer = await org_answer(
            self._local.http,
            self._the_org(),
            self._org.proxy,
            timeout_s=self._timeout_s * _ORG_SHARE,
        )
        return answer, self._now()

    async def _ask_permissions(self) -> tuple[Permission, ...]:
        return await permissions(self.client)

    async def _ask_hooks(self) -> list[EventHook]:
        client = self.client
        await self.org_answer.get()
        return await EventHooksApi(client).all()

    async def _find_hook(self) -> EventHook:
        return hook_meant(
            self._org.meant,
            await self.hooks.get(),
            self._the_org(),
            self.client.hush,
            remembered=self._org.remembered,
            run_directory=self._local.run_directory,
            making=making_a_hook(
                self.urls_here(),
                self._local.place if self._org_is_here() else None,
                self._local.commands,
            ),
        )

    async def _find_last(self) -> Record | None:
        hook = await self.hook.get()
        return await to_thread.run_sync(last_delivery, self._local.store_file, hook.id)

    async def _find_way(self) -> WayIn | None:
        """Find the way in; the URL of a hook can be one of this machine where the org is here."""
        tunnels, named, hook = self.tunnels(), self._local.url, None
        if self._org_is_here() and not urls_of(tunnels) and named is None:
            hook = await self.hook.get_or_none()
        return way_in(tunnels, named, None if hook is None else hook.url, self.receivers())

    async def _send_canary(self) -> CanarySent | None:
        way = await self.way.get()
        if way is None:
            return None
        local = self._local
        return await send_canary(
            way.url,
            local.http,
            local.store_file,
            None if local.auth is None else local.auth.value,
            arrival_s=self._timeout_s * _CANARY_SHARE,
            now=self._now,
        )

    async def _gather_evidence(self) -> SecretEvidence:
        hook, last = await self.hook.get_or_none(), await self.last.get_or_none()
        return SecretEvidence(
            written=await self._was_written(),
            last=last,
            is_of_this_run=hook is not None and is_of_this_run(last, hook, self.receivers()),
            canary=await self.canary.get_or_none(),
        )

    async def _was_written(self) -> bool | None:
        hook, auth = await self.hook.get_or_none(), self._local.auth
        if hook is None or auth is None:
            return None
        known = self._org.remembered.of_hook(self._the_org(), hook.id)
        return await to_thread.run_sync(was_written, known, hook, auth.value.secret)

    def _org_is_here(self) -> bool:
        org = self._org.org
        return isinstance(org, Setting) and org.value.is_loopback

    def _the_org(self) -> Org:
        org = self._org.org
        if not isinstance(org, Setting):
            raise Unavailable("there is no org to ask")
        return org.value

"""The facts that the checks look at, each gathered once, when a check first needs it."""

import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import anyio
from anyio import to_thread

from okhook.config.store_location import StoreLocation
from okhook.doctor.canary import (
    CanaryRoute,
    CanarySent,
    canary_route,
    send_canary,
)
from okhook.doctor.secret_evidence import (
    SecretEvidence,
    is_of_this_run,
    last_delivery,
    start_of_the_only,
)
from okhook.doctor.setup import SettingsRead, Setup, find_hook
from okhook.errors import OkhookError, Unavailable
from okhook.http.client import Answer, HttpClient
from okhook.http.errors import EnvironmentFault, HttpError, NameNotFound, TlsFailed
from okhook.http.proxies import proxy_of, without_login
from okhook.okta.answers import envelope_of, not_okta
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.event_hooks_api import EVENT_HOOKS_PATH, EventHooksApi
from okhook.okta.permissions import permissions
from okhook.okta.system_log import (
    DELIVERY_FAILED,
    MOST_A_PAGE,
    VERIFIED,
    LogEntry,
    LogQuery,
    SystemLogApi,
    about,
)
from okhook.records.record import Record
from okhook.wire.org import Org

_CANARY_SHARE = 0.4
"""The share of a check's time in which a canary has to arrive; its POST takes time before that."""

_ORG_SHARE = 0.5
"""The share of a check's time for the org's first answer, so that silence is reported in time."""

_ABOUT_LIMITS = 'eventType sw "system.org.rate_limit."'

T = TypeVar("T")


class Cached(Generic[T]):
    """A fact that is gathered on the first :meth:`get` and then kept, as is an error.

    If the task that gathers it is cancelled, the next one starts again.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asking = anyio.Lock()
        self._answers: list[T] = []
        self._error: OkhookError | None = None

    async def get(self) -> T:
        """Return the fact.

        Raises:
            OkhookError: it could not be gathered; every caller gets the same error.
        """
        async with self._asking:
            if self._error is not None:
                raise self._error
            if not self._answers:
                try:
                    self._answers.append(await self._ask())
                except OkhookError as error:
                    self._error = error
                    raise
            return self._answers[0]

    async def get_or_none(self) -> T | None:
        """Return the fact, or None if it could not be gathered: another check reports why."""
        try:
            return await self.get()
        except OkhookError:
            return None


@dataclass
class Facts:
    """Everything that checks look at. ``usable_setup`` is None if the settings cannot be used.

    ``timeout_s`` is how long each check may take.
    """

    store: StoreLocation
    settings: SettingsRead
    usable_setup: Setup | None
    timeout_s: float
    now: Callable[[], datetime]

    def __post_init__(self) -> None:
        self.org_answer = Cached(self._call_org)
        self.permissions = Cached(lambda: permissions(self.client))
        self.hooks = Cached(self._ask_hooks)
        self.hook = Cached(self._find_hook)
        self.hook_log = Cached(self._read_hook_log)
        self.limits_log = Cached(lambda: self._read_log(_ABOUT_LIMITS, limit=1))
        self.last_delivery = Cached(self._find_last_delivery)
        self.canary_route = Cached(self._find_canary_route)
        self.canary = Cached(self._send_canary)
        self.secret_evidence = Cached(self._gather_secret_evidence)

    @property
    def setup(self) -> Setup:
        """This machine and the org, for the checks that need the settings."""
        if self.usable_setup is None:
            raise AssertionError("a check that needs the settings was made without them")
        return self.usable_setup

    @property
    def org(self) -> Org:
        """The org. Raises ``Unavailable`` if none is set."""
        return _set(self.setup.org).value

    @property
    def client(self) -> OktaClient:
        """The org's client. Raises ``Unavailable`` if no org and credential are set."""
        return _set(self.setup.client)

    @property
    def proxy(self) -> str | None:
        """The proxy through which the org is called, without user name and password."""
        proxy = proxy_of(self.org.url, urllib.request.getproxies())
        return None if proxy is None else without_login(proxy)

    async def _call_org(self) -> tuple[Answer, datetime]:
        timeout_s = self.timeout_s * _ORG_SHARE
        answer = await call_org(self.setup.http, self.org, self.proxy, timeout_s=timeout_s)
        return answer, self.now()

    async def _ask_hooks(self) -> list[EventHook]:
        client = self.client
        await self.org_answer.get()
        return await EventHooksApi(client).all()

    async def _find_hook(self) -> EventHook:
        client = self.client
        return find_hook(self.setup, await self.hooks.get(), client.org, client.redact)

    async def _read_hook_log(self) -> Sequence[LogEntry] | None:
        """Return a page of what the org logged of the hook in the last day, newest first.

        None if there is no hook, or if the credential may not read the log.
        """
        hook = await self.hook.get_or_none()
        if hook is None:
            return None
        return await self._read_log(about(hook.id, (DELIVERY_FAILED, VERIFIED)))

    async def _read_log(
        self, filter_: str, *, limit: int = MOST_A_PAGE
    ) -> Sequence[LogEntry] | None:
        """Return the newest entries of the last day, or None without the right to read them."""
        refused = {each.resource for each in await self.permissions.get() if not each.allowed}
        if "System Log" in refused:
            return None
        since = self.now() - timedelta(days=1)
        query = LogQuery(since=since, filter=filter_, newest_first=True, limit=limit)
        return await SystemLogApi(self.client).first_page(query)

    async def _find_last_delivery(self) -> Record | None:
        return await to_thread.run_sync(last_delivery, self.store, (await self.hook.get()).id)

    async def _find_canary_route(self) -> CanaryRoute | None:
        """Find the URL for the canary. Only an org on this machine may name one on it."""
        running, named, hook = self.setup.checked_here, self.setup.url, None
        if self.setup.org_is_here and not running.webhook_urls and named is None:
            hook = await self.hook.get_or_none()
        port = self.setup.receiver_port
        return canary_route(running, named, None if hook is None else hook.url, port)

    async def _send_canary(self) -> CanarySent | None:
        route, auth = await self.canary_route.get(), self.setup.auth
        if route is None:
            return None
        return await send_canary(
            route.url,
            self.setup.http,
            self.store,
            None if auth is None else auth.value,
            by_receiver=self.setup.running.control_socket_of(route.url) if auth is None else None,
            arrival_s=self.timeout_s * _CANARY_SHARE,
            now=self.now,
        )

    async def _gather_secret_evidence(self) -> SecretEvidence:
        hook, auth = await self.hook.get_or_none(), self.setup.auth
        last, canary = await self.last_delivery.get_or_none(), await self.canary.get_or_none()
        if hook is None:
            return SecretEvidence(None, last, is_of_this_run=False, canary=canary)
        written = None
        if auth is not None:
            wrote = self.setup.registered_here.wrote
            written = await to_thread.run_sync(wrote, self.client.org, hook, auth.value.secret)
        began = start_of_the_only(self.setup.checked_here.receivers)
        return SecretEvidence(written, last, is_of_this_run(last, hook, began), canary)


def _set(value: T | OkhookError | None) -> T:
    if value is None or isinstance(value, OkhookError):
        raise Unavailable("no org is set")
    return value


async def call_org(http: HttpClient, org: Org, proxy: str | None, *, timeout_s: float) -> Answer:
    """Call the org without a credential, and return its answer: the refusal that Okta gives.

    Raises:
        Unavailable: no answer, with the cause (DNS, TLS, connection), or an answer not from Okta.
    """
    try:
        answer = await http.send("GET", f"{org.url}{EVENT_HOOKS_PATH}", timeout_s=timeout_s)
    except HttpError as error:
        through = f"through the proxy {proxy}" if proxy else "without a proxy"
        raise Unavailable(
            f"{org.host} cannot be reached {through}: {error.fault}",
            why=error.reason,
            next_step=_what_to_do(org, error, proxy),
        ) from error
    if answer.header("x-okta-request-id") is None and envelope_of(answer, str) is None:
        raise not_okta(answer, f"GET {EVENT_HOOKS_PATH}", str)
    return answer


def _what_to_do(org: Org, error: HttpError, proxy: str | None) -> str:
    if isinstance(error, EnvironmentFault):
        return "correct or unset it"
    if isinstance(error, TlsFailed):
        return "set SSL_CERT_FILE to the file of your company's certificate authority"
    if proxy is not None:
        return f"check the proxy {proxy}, set by HTTPS_PROXY or ALL_PROXY; NO_PROXY bypasses it"
    if org.is_loopback:
        return f"start it with `okhook sandbox --port {urlsplit(org.url).port or 80}`"
    if isinstance(error, NameNotFound):
        return "check the org's address, and whether a VPN or a proxy (HTTPS_PROXY) is needed"
    return "check the network, and whether a VPN or a proxy (HTTPS_PROXY) is needed"

"""Whether the org is there and is Okta, the clock is right, and the credential good."""

from datetime import UTC, datetime

from okhook.config.setting import Setting
from okhook.doctor.check import Finding, failed, ok, skipped, warning
from okhook.errors import Unavailable
from okhook.http.client import Answer, HttpClient, HttpError, NameNotFound, TlsFailed
from okhook.json_form import timestamp
from okhook.okta.answers import envelope_of, not_okta
from okhook.okta.auth.clock import date_of
from okhook.okta.auth.credential import Credential, CredentialKind
from okhook.okta.auth.scopes import EVENT_HOOKS_MANAGE, EVENT_HOOKS_READ, LOGS_READ, ways_to
from okhook.okta.permissions import Permission
from okhook.wire.org import Org

_NOTICEABLE_S = 30.0
_BROKEN_S = 300.0
_PATH = "/api/v1/eventHooks"
_KINDS = {
    CredentialKind.API_TOKEN: "API token",
    CredentialKind.SERVICE_APP: "OAuth service app",
}
_SET_CLOCK = "set this machine's clock: `timedatectl set-ntp true`, or by the system's settings"


async def org_answer(http: HttpClient, org: Org, proxy: str | None, *, timeout_s: float) -> Answer:
    """Call the org without a credential, which it refuses as Okta does, and return its answer.

    Raises:
        Unavailable: nobody answered, told apart by DNS, TLS and the connection; or somebody else.

    """
    try:
        answer = await http.send("GET", f"{org.url}{_PATH}", timeout_s=timeout_s)
    except HttpError as fault:
        through = f"through the proxy {proxy}" if proxy else "without a proxy"
        raise Unavailable(
            f"{org.host} cannot be reached {through}: {fault.fault}",
            why=fault.reason,
            next_step=_what_to_do(org, fault, proxy),
        ) from fault
    if not _is_oktas(answer):
        raise not_okta(answer, f"GET {_PATH}", str)
    return answer


def _what_to_do(org: Org, fault: HttpError, proxy: str | None) -> str:
    if isinstance(fault, TlsFailed):
        return "name your company's certificate authority: SSL_CERT_FILE=/path/of/its.pem"
    if proxy is not None:
        return f"check {proxy} first: HTTPS_PROXY or ALL_PROXY names it, NO_PROXY goes without it"
    if org.is_loopback:
        return "see that it runs; `okhook sandbox` starts one"
    if isinstance(fault, NameNotFound):
        return "check the org's address, and whether a VPN or a proxy (HTTPS_PROXY) is needed"
    return "check the network, and whether a VPN or a proxy (HTTPS_PROXY) is needed"


def org_not_set(*, sandbox_runs: bool) -> Finding:
    """Return why nothing of an org can be checked."""
    name_it = "name it with --org, OKHOOK_ORG or okhook.toml"
    remedy = f"okhook doctor --org sandbox\nor another: {name_it}" if sandbox_runs else name_it
    return skipped("no org is set", remedy=remedy)


async def check_org(org: Setting[Org], answer: Answer, proxy: str | None) -> Finding:
    """Say how the org was reached, and how long that took."""
    way = f"through the proxy {proxy}" if proxy else "directly"
    secured = ", TLS verified" if org.value.url.startswith("https:") else ""
    took = f"{answer.elapsed_s * 1000:.0f} ms"
    return ok(f"{org.value.url} answers in {took}, {way}{secured}", f"set by {org.origin}")


def _is_oktas(answer: Answer) -> bool:
    if answer.header("x-okta-request-id") is not None:
        return True
    return envelope_of(answer, str) is not None


async def check_clock(answer: Answer, heard_at: datetime) -> Finding:
    """Hold this machine's clock against the org's ``Date``, which came at ``heard_at``."""
    date = date_of(answer)
    if date is None:
        return skipped("the org's answer has no Date")
    apart_s = (heard_at.astimezone(UTC) - date).total_seconds()
    if abs(apart_s) <= _NOTICEABLE_S:
        return ok("right, as far as the org's Date tells")
    wrong = (
        f"this machine's clock is {abs(apart_s):.0f} s {'ahead of' if apart_s > 0 else 'behind'}"
    )
    told = f"{wrong} the org's"
    facts = (f"here {timestamp(heard_at)}", f"org  {timestamp(date)}")
    if abs(apart_s) <= _BROKEN_S:
        return warning(told, *facts, remedy=_SET_CLOCK)
    return failed(told, *facts, remedy=_SET_CLOCK)


async def check_credential(
    credential: Credential, permissions: tuple[Permission, ...], granted: tuple[str, ...] | None
) -> Finding:
    """Say which credential is used, and whether it lets us do what a hook needs."""
    named = f"{_KINDS[credential.kind]} from {credential.origin}"
    facts = [_permission(each) for each in permissions]
    if granted is not None:
        facts.append(f"scopes: {', '.join(granted) or 'none was granted'}")
    refused = {each.resource for each in permissions if not each.allowed}
    if "event hooks" in refused:
        remedy = _permitted(credential, granted, EVENT_HOOKS_READ)
        return failed(f"{named}: it may not read event hooks", *facts, remedy=remedy)
    if "System Log" in refused:
        return warning(
            f"{named}: it may not read the System Log, where failures are told",
            *facts,
            remedy=_permitted(credential, granted, LOGS_READ),
        )
    if granted is not None and EVENT_HOOKS_MANAGE not in granted:
        return warning(
            f"{named}: it may read event hooks, and not change them",
            *facts,
            remedy=_permitted(credential, granted, EVENT_HOOKS_MANAGE),
        )
    allowed = ", ".join(each.resource for each in permissions if each.allowed)
    return ok(f"{named}: it may read {allowed}", *facts)


def _permitted(credential: Credential, granted: tuple[str, ...] | None, scope: str) -> str:
    """Return what lets a credential do what ``scope`` is about: an app needs scope and role."""
    if granted is None or any(way in granted for way in ways_to(scope)):
        return credential.if_not_permitted
    return f"grant {scope} to the app in the Admin Console, on its tab Okta API Scopes"


def _permission(permission: Permission) -> str:
    if not permission.allowed:
        first, *_ = (permission.reason or "").splitlines() or [""]
        return f"may not read {permission.resource}: {first}"
    left = permission.rate_limit
    told = "" if left is None else f": {left.remaining} of {left.limit} calls left"
    return f"may read {permission.resource}{told}"

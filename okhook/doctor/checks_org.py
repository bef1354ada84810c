"""Checks of the org: whether it answers, of this machine's clock, and of the credential."""

from datetime import UTC

from okhook.doctor.check import Finding, failed, ok, skipped, warning
from okhook.doctor.facts import Facts
from okhook.errors import OkhookError
from okhook.json_form import timestamp
from okhook.okta.auth.credential import (
    CREDENTIAL_KINDS,
    EVENT_HOOKS_MANAGE,
    EVENT_HOOKS_READ,
    LOGS_READ,
    Credential,
    ways_to,
)
from okhook.okta.permissions import Permission
from okhook.runtime.run_files import SandboxRun

_NOTICEABLE_S = 30.0
_BROKEN_S = 300.0
_SET_CLOCK = "set this machine's clock: `timedatectl set-ntp true`, or use the system settings"


async def check_org(facts: Facts) -> Finding:
    """Check that the org answers, and report how it was reached."""
    org = facts.setup.org
    if org is None:
        return _org_not_set(facts)
    if isinstance(org, OkhookError):
        raise org
    answer, _ = await facts.org_answer.get()
    way = f"through the proxy {facts.proxy}" if facts.proxy else "directly"
    secured = ", TLS verified" if org.value.url.startswith("https:") else ""
    took = f"{answer.elapsed_s * 1000:.0f} ms"
    return ok(f"{org.value.url} responds in {took}, {way}{secured}", f"set by {org.origin}")


def _org_not_set(facts: Facts) -> Finding:
    """Return that no org is set, with how to set one."""
    name_it = "set it with --org, OKHOOK_ORG or okhook.toml"
    if sandboxes := facts.setup.run_directory.running(SandboxRun):
        one = "sandbox" if len(sandboxes) == 1 else sandboxes[0].org_url
        name_it = f"okhook doctor --org {one}\nor, for another org: {name_it}"
    return skipped("no org is set", remedy=name_it)


async def check_clock(facts: Facts) -> Finding:
    """Compare this machine's clock with the ``Date`` of the org's answer."""
    answer, heard_at = await facts.org_answer.get()
    date = answer.date
    if date is None:
        return skipped("the org's response has no Date header")
    apart_s = (heard_at.astimezone(UTC) - date).total_seconds()
    if abs(apart_s) <= _NOTICEABLE_S:
        return ok("matches the org's clock")
    which = "ahead of" if apart_s > 0 else "behind"
    judged = warning if abs(apart_s) <= _BROKEN_S else failed
    return judged(
        f"this machine's clock is {abs(apart_s):.0f} s {which} the org's",
        f"here {timestamp(heard_at)}",
        f"org  {timestamp(date)}",
        remedy=_SET_CLOCK,
    )


async def check_credential(facts: Facts) -> Finding:
    """Report the credential, and check that it may do what a hook needs."""
    credential = facts.setup.credential
    if isinstance(credential, OkhookError):
        raise credential
    if credential is None:
        return _org_not_set(facts)
    client, allowed = facts.client, await facts.permissions.get()
    return judged_credential(credential, allowed, await client.granted_scopes())


def judged_credential(
    credential: Credential, permissions: tuple[Permission, ...], granted: tuple[str, ...] | None
) -> Finding:
    """Judge a credential. ``granted`` are the scopes of an app, None for an API token."""
    named = f"{CREDENTIAL_KINDS[credential.kind]} from {credential.origin}"
    facts = [_permission(each) for each in permissions]
    if granted is not None:
        facts.append(f"scopes: {', '.join(granted) or 'none was granted'}")
    refused = {each.resource: each.next_step for each in permissions if not each.allowed}
    if "event hooks" in refused:
        remedy = refused["event hooks"] or _permitted(credential, granted, EVENT_HOOKS_READ)
        return failed(f"{named}: it cannot read event hooks", *facts, remedy=remedy)
    if "System Log" in refused:
        return warning(
            f"{named}: it cannot read the System Log, which lists failures",
            *facts,
            remedy=refused["System Log"] or _permitted(credential, granted, LOGS_READ),
        )
    if granted is not None and EVENT_HOOKS_MANAGE not in granted:
        return warning(
            f"{named}: it can read event hooks, but not change them",
            *facts,
            remedy=_permitted(credential, granted, EVENT_HOOKS_MANAGE),
        )
    allowed = ", ".join(each.resource for each in permissions if each.allowed)
    return ok(f"{named}: it can read {allowed}", *facts)


def _permitted(credential: Credential, granted: tuple[str, ...] | None, scope: str) -> str:
    """Return how to permit what ``scope`` covers. An app needs the scope and an admin role."""
    if granted is None or any(way in granted for way in ways_to(scope)):
        return credential.if_not_permitted
    return f"grant {scope} to the app in the Admin Console, on its tab Okta API Scopes"


def _permission(permission: Permission) -> str:
    if not permission.allowed:
        first, *_ = (permission.reason or "").splitlines() or [""]
        return f"may not read {permission.resource}: {first}"
    left = permission.rate_limit
    left_shown = "" if left is None else f": {left.remaining} of {left.limit} calls left"
    return f"may read {permission.resource}{left_shown}"

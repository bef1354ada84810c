"""All checks, in the order in which they are told."""

from functools import partial
from typing import Final, NoReturn

from okhook.config.settings import Setting
from okhook.doctor.answers import Answers
from okhook.doctor.check import Check, Finding, Run, skipped
from okhook.doctor.checks_hook import UrlsHere, check_hook, check_url
from okhook.doctor.checks_hookdeck import check_hookdeck, check_login, check_tunnel
from okhook.doctor.checks_log import check_failures, check_limits, uses
from okhook.doctor.checks_org import check_clock, check_credential, check_org, org_not_set
from okhook.doctor.checks_program import check_program, check_settings
from okhook.doctor.checks_receiver import check_path, check_port
from okhook.doctor.checks_secret import check_secret
from okhook.doctor.checks_store import check_store
from okhook.doctor.orphans import check_orphans
from okhook.doctor.parts import LocalParts, OrgParts, ProgramParts
from okhook.errors import OkhookError
from okhook.tunnel.url_history import UrlHistory

NAMES: Final = (
    *(
        "program",
        "settings",
        "store",
        "port",
        "hookdeck",
        "login",
        "tunnel",
        "path",
        "org",
        "clock",
    ),
    *("credential", "hook", "url", "secret", "failures", "limits", "orphans"),
)

_STORE_SHARE: Final = 0.5
"""What of a check's time the look for damage in the store may take."""

_NEEDS: Final = {
    "port": ("settings",),
    "hookdeck": ("settings",),
    "login": ("hookdeck",),
    "tunnel": ("settings",),
    "path": ("settings",),
    "org": ("settings",),
    "clock": ("org",),
    "credential": ("org",),
    "hook": ("credential",),
    "url": ("credential",),
    "secret": ("credential",),
    "failures": ("credential",),
    "limits": ("credential",),
    "orphans": ("credential",),
}
"""Settings that cannot be read are settings that nothing may be guessed from."""


def program_checks(parts: ProgramParts) -> dict[str, Run]:
    """Return the checks that can be made whatever the settings say."""
    return {
        "program": partial(check_program, parts.version, parts.python, parts.requires_python),
        "settings": partial(
            check_settings, parts.settings_files, parts.settings, parts.settings_fault
        ),
        "store": partial(
            check_store,
            parts.store_file,
            within_s=parts.timeout_s * _STORE_SHARE,
            now=parts.now(),
        ),
    }


def local_checks(local: LocalParts, answers: Answers) -> dict[str, Run]:
    """Return the checks of this machine."""

    async def path() -> Finding:
        way, sent = await answers.way.get(), await answers.canary.get()
        return await check_path(way, local.auth, answers.receivers(), sent, local.port)

    return {
        "port": partial(check_port, local.host, local.port, local.run_directory),
        "hookdeck": partial(check_hookdeck, local.hookdeck, local.environ, local.before_hard_exit),
        "login": partial(check_login, local.environ, local.directory),
        "tunnel": partial(check_tunnel, local.run_directory),
        "path": path,
    }


def org_checks(org: OrgParts, answers: Answers) -> dict[str, Run]:
    """Return the checks of the org and of what opens it."""

    async def reached() -> Finding:
        if org.org is None:
            return org_not_set()
        if isinstance(org.org, OkhookError):
            raise org.org
        answer, _ = await answers.org_answer.get()
        return await check_org(org.org, answer, org.proxy)

    async def clock() -> Finding:
        answer, heard_at = await answers.org_answer.get()
        return await check_clock(answer, heard_at)

    async def credential() -> Finding:
        if isinstance(org.credential, OkhookError):
            raise org.credential
        if org.credential is None:
            return skipped(
                f"there is no credential for {_host(org)}",
                remedy=f"okhook login --org {_host(org)}; or set OKHOOK_TOKEN",
            )
        allowed = await answers.permissions.get()
        return await check_credential(
            org.credential, allowed, await answers.client.granted_scopes()
        )

    return {"org": reached, "clock": clock, "credential": credential}


def hook_checks(local: LocalParts, answers: Answers) -> dict[str, Run]:
    """Return the checks of the hook, and of the org's other hooks."""
    command = local.command

    async def hook() -> Finding:
        return await check_hook(await answers.hook.get(), command)

    async def url() -> Finding:
        here = UrlsHere(
            tunnels=tuple(answers.tunnel_urls()),
            named=local.url,
            receivers=tuple(receiver.url for receiver in answers.receivers()),
            past=frozenset(each.url for each in UrlHistory(local.run_directory).all()),
        )
        return await check_url(await answers.hook.get_or_none(), here, command)

    async def secret() -> Finding:
        found = await answers.hook.get_or_none()
        return await check_secret(found, local.auth, await answers.evidence(), command)

    async def failures() -> Finding:
        found = await answers.hook.get_or_none()
        last = await answers.last.get_or_none()
        return await check_failures(found, await answers.log_of_hook(), last, command)

    async def limits() -> Finding:
        found = await answers.hook.get_or_none()
        used = uses(found, await answers.hooks.get(), await answers.permissions.get())
        return await check_limits(found, used, await answers.log_of_limits())

    async def orphans() -> Finding:
        return await check_orphans(await answers.orphans(), command)

    return {
        "hook": hook,
        "url": url,
        "secret": secret,
        "failures": failures,
        "limits": limits,
        "orphans": orphans,
    }


def in_order(runs: dict[str, Run], *, timeout_s: float) -> tuple[Check, ...]:
    """Return the checks in their order; one that could not be built needs what failed before it."""
    return tuple(
        Check(name, runs.get(name, _never), _NEEDS.get(name, ()), timeout_s) for name in NAMES
    )


async def _never() -> NoReturn:
    raise AssertionError("what this check needs has failed, and yet it is made")


def _host(org: OrgParts) -> str:
    return org.org.value.host if isinstance(org.org, Setting) else "the org"

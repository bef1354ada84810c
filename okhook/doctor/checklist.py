"""All checks, in the order in which they are told."""

from functools import partial
from typing import Final, NoReturn

from okhook.doctor.answers import Answers
from okhook.doctor.check import Check, Finding, Outcome, Run
from okhook.doctor.checks_hook import check_hook, check_url
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
from okhook.tunnel.orphans import find_orphans

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

    async def port() -> Finding:
        return await check_port(local.host, local.place.port, answers.receivers())

    async def tunnel() -> Finding:
        return await check_tunnel(
            answers.tunnels(), find_orphans(local.run_directory), local.commands
        )

    async def path() -> Finding:
        way, sent = await answers.way.get(), await answers.canary.get()
        return await check_path(
            way, local.auth, answers.receivers(), sent, local.place, local.commands
        )

    return {
        "port": port,
        "hookdeck": partial(check_hookdeck, local.hookdeck, local.environ, local.before_hard_exit),
        "login": partial(check_login, local.environ, local.directory),
        "tunnel": tunnel,
        "path": path,
    }


def org_checks(org: OrgParts, answers: Answers) -> dict[str, Run]:
    """Return the checks of the org and of what opens it."""

    async def reached() -> Finding:
        if org.org is None:
            return org_not_set(sandbox_runs=org.sandbox_runs)
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
            return org_not_set(sandbox_runs=org.sandbox_runs)
        client, allowed = answers.client, await answers.permissions.get()
        return await check_credential(org.credential, allowed, await client.granted_scopes())

    return {"org": reached, "clock": clock, "credential": credential}


def hook_checks(local: LocalParts, answers: Answers) -> dict[str, Run]:
    """Return the checks of the hook, and of the org's other hooks."""
    commands = local.commands

    async def hook() -> Finding:
        found = await answers.hook.get()
        return await check_hook(found, () if found.is_verified else await broken(), commands)

    async def broken() -> list[str]:
        checks = (("url", url), ("secret", secret))
        return [name for name, check in checks if (await check()).outcome is Outcome.FAILED]

    async def url() -> Finding:
        return await check_url(await answers.hook.get_or_none(), answers.urls_here(), commands)

    async def secret() -> Finding:
        found, evidence = await answers.hook.get_or_none(), await answers.evidence.get()
        return await check_secret(found, local.auth, evidence, local.place, commands)

    async def failures() -> Finding:
        found, last = await answers.hook.get_or_none(), await answers.last.get_or_none()
        log = await answers.log_of_hook()
        works_now = (
            found is not None
            and bool(log)
            and await answers.takes_a_canary(found)
            and (await secret()).outcome is Outcome.OK
        )
        return await check_failures(found, log, last, commands, works_now=works_now)

    async def limits() -> Finding:
        found = await answers.hook.get_or_none()
        used = uses(found, await answers.hooks.get(), await answers.permissions.get())
        return await check_limits(found, used, await answers.log_of_limits(), commands)

    async def orphans() -> Finding:
        return await check_orphans(await answers.orphans(), commands)

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

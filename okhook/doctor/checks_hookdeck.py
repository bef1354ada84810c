"""The Hookdeck CLI: whether it is there and works, with whose account, and what runs of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import anyio

from okhook.doctor.check import Finding, Outcome, failed, fault_found, ok, skipped, warning
from okhook.doctor.commands import Commands
from okhook.doctor.tunnels import TunnelHere
from okhook.errors import TunnelFailed
from okhook.runtime.child import BeforeHardExit
from okhook.tunnel.hookdeck.login import HookdeckAccount, hookdeck_login
from okhook.tunnel.hookdeck.program import HookdeckProgram, child_environment, find_hookdeck
from okhook.tunnel.hookdeck.version import ask_version
from okhook.tunnel.orphans import Orphan


@dataclass(frozen=True, slots=True)
class HookdeckWanted:
    """Which Hookdeck CLI is meant. ``needless_because`` says why none is needed; None if one is."""

    named: str | None
    origin: str
    needless_because: str | None


async def check_hookdeck(
    wanted: HookdeckWanted, environ: Mapping[str, str], before_hard_exit: BeforeHardExit
) -> Finding:
    """Find the Hookdeck CLI, and ask it for its version, of which the faults may be known."""
    try:
        program = find_hookdeck(wanted.named, origin=wanted.origin, environ=environ)
    except TunnelFailed as fault:
        if wanted.needless_because is not None and wanted.named is None:
            return skipped(f"not installed, and not needed: {wanted.needless_because}")
        return fault_found(fault)
    if program.fetched:
        return ok("not installed; npx fetches it when a tunnel starts", str(program))
    return await _version(program, environ, before_hard_exit)


async def _version(
    program: HookdeckProgram, environ: Mapping[str, str], before_hard_exit: BeforeHardExit
) -> Finding:
    version = await ask_version(
        program, child_environment(environ), before_hard_exit=before_hard_exit
    )
    concern = version.concern()
    if concern is not None:
        detail, _, remedy = concern.partition("; ")
        return warning(detail, str(program), remedy=remedy or None)
    return ok(f"Hookdeck CLI {version}", str(program))


async def check_login(environ: Mapping[str, str], directory: Path) -> Finding:
    """Say whose account the Hookdeck CLI uses, by its own configuration."""
    login = hookdeck_login(environ, directory)
    if login.account is HookdeckAccount.LOGGED_IN:
        project = f", project {login.project}" if login.project else ""
        return ok(f"logged in ({login.origin}){project}")
    if login.account is HookdeckAccount.GUEST:
        return ok("a guest: its webhook URL is temporary; `hookdeck login` gives a lasting one")
    return ok("no login: a tunnel makes a guest account, whose webhook URL is temporary")


async def check_tunnel(
    tunnels: Sequence[TunnelHere], orphans: Sequence[Orphan], commands: Commands
) -> Finding:
    """Say which tunnels run here, with which webhook URL, and whether anybody is at their end.

    ``orphans`` are what killed ones left: they take events that the next tunnel would get.
    """
    found = await _what_runs(tunnels, commands)
    if not orphans:
        return found
    told = [
        f"an okhook that was killed left a Hookdeck listening to source {each.source} for port"
        f" {each.port} (process group {each.pgid})"
        for each in orphans
    ]
    groups = " ".join(f"-{each.pgid}" for each in orphans)
    end = f"kill -- {groups}\nor have the next `okhook up` or `okhook tunnel` do it: --end-orphan"
    if found.outcome is Outcome.FAILED:
        remedies = filter(None, (found.remedy, end))
        return replace(found, remedy="\n".join(remedies), facts=(*found.facts, *told))
    besides = () if found.outcome is Outcome.SKIPPED else (found.detail, *found.facts)
    return warning(told[0], *told[1:], *besides, remedy=end)


async def _what_runs(tunnels: Sequence[TunnelHere], commands: Commands) -> Finding:
    if not tunnels:
        return skipped("no tunnel is running")
    ready = [tunnel for tunnel in tunnels if tunnel.url]
    if not ready:
        return warning(
            "a tunnel is running, and has no webhook URL yet", remedy="wait a moment, and try again"
        )
    told = [f"{each.url} → port {each.place.port} (process {each.pid})" for each in ready]
    deserted = [each.place for each in ready if await _is_deserted(each.place.port)]
    if deserted:
        return failed(
            f"nobody listens on port {deserted[0].port}, where a tunnel leads: what comes is lost",
            *told,
            remedy=commands.serve(deserted[0]),
        )
    return ok(told[0], *told[1:])


async def _is_deserted(port: int) -> bool:
    try:
        stream = await anyio.connect_tcp("localhost", port)
    except OSError:
        return True
    await stream.aclose()
    return False

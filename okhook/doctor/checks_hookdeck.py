"""Checks of the Hookdeck CLI: the program, its login, and the tunnels that run."""

from collections.abc import Sequence
from dataclasses import replace

import anyio

from okhook.doctor.check import Finding, Outcome, error_found, failed, ok, skipped, warning
from okhook.doctor.facts import Facts
from okhook.doctor.setup import Commands
from okhook.errors import TunnelFailed
from okhook.runtime.child import child_environment
from okhook.runtime.run_files import TunnelRun
from okhook.runtime.running_here import LocalEndpoint
from okhook.tunnel.hookdeck.login import hookdeck_login
from okhook.tunnel.hookdeck.program import ask_version, find_hookdeck
from okhook.tunnel.past_tunnels import Orphan, find_orphans


async def check_hookdeck(facts: Facts) -> Finding:
    """Find the Hookdeck CLI, ask it for its version, and warn of known bugs in that version."""
    setup = facts.setup
    named = setup.hookdeck
    try:
        program = find_hookdeck(named, setup.environ)
    except TunnelFailed as error:
        if named is None and setup.url is not None:
            return skipped(f"not installed; not needed, because a URL is set by {setup.url.origin}")
        if named is None and setup.org_is_here:
            return skipped("not installed; not needed, because the org is on this machine")
        return error_found(error)
    if program.fetched:
        return ok("not installed; npx downloads it when a tunnel starts", str(program))
    version = await ask_version(
        program, child_environment(setup.environ), before_hard_exit=setup.before_hard_exit
    )
    concern = version.concern()
    if concern is not None:
        detail, _, remedy = concern.partition("; ")
        return warning(detail, str(program), remedy=remedy or None)
    return ok(f"Hookdeck CLI {version}", str(program))


async def check_login(facts: Facts) -> Finding:
    """Report which account the Hookdeck CLI uses, from its own configuration."""
    login = hookdeck_login(facts.setup.environ, facts.setup.directory)
    if login is None:
        return ok("not logged in: a tunnel creates a guest account, whose webhook URL is temporary")
    if login.is_guest:
        return ok(
            "a guest account, whose webhook URL is temporary; `hookdeck login` gives you a"
            " permanent URL"
        )
    project = f", project {login.project}" if login.project else ""
    return ok(f"logged in ({login.origin}){project}")


async def check_tunnel(facts: Facts) -> Finding:
    """Report the tunnels that run here, and check that a receiver listens where each leads."""
    setup = facts.setup
    found = await _what_runs(setup.running.tunnels, setup.commands)
    orphans = find_orphans(setup.run_directory)
    return _with_orphans(found, orphans) if orphans else found


def _with_orphans(found: Finding, orphans: Sequence[Orphan]) -> Finding:
    """Add the Hookdeck processes of killed tunnels: they take events from the next tunnel."""
    lines = [
        f"a killed okhook left a Hookdeck running: it listens to source {each.source} for port"
        f" {each.port} (process group {each.pgid}), until the next okhook up or okhook tunnel"
        for each in orphans
    ]
    end = f"kill -- {' '.join(f'-{each.pgid}' for each in orphans)}"
    if found.outcome is Outcome.FAILED:
        remedies = filter(None, (found.remedy, end))
        return replace(found, remedy="\n".join(remedies), facts=(*found.facts, *lines))
    besides = () if found.outcome is Outcome.SKIPPED else (found.detail, *found.facts)
    return warning(lines[0], *lines[1:], *besides, remedy=end)


async def _what_runs(tunnels: Sequence[TunnelRun], commands: Commands) -> Finding:
    if not tunnels:
        return skipped("no tunnel is running")
    ready = [tunnel for tunnel in tunnels if tunnel.webhook_url]
    if not ready:
        return warning(
            "a tunnel is running, but has no webhook URL yet",
            remedy="wait a moment, then run okhook doctor again",
        )
    lines = [f"{each.webhook_url} → port {each.port} (process {each.pid})" for each in ready]
    for tunnel in ready:
        if await _is_deserted(tunnel.port):
            return failed(
                f"a tunnel forwards to port {tunnel.port}, but nothing listens on it",
                *lines,
                remedy=commands.serve(LocalEndpoint(tunnel.port, tunnel.path)),
            )
    return ok(lines[0], *lines[1:])


async def _is_deserted(port: int) -> bool:
    try:
        stream = await anyio.connect_tcp("localhost", port)
    except OSError:
        return True
    await stream.aclose()
    return False

"""Show which okhook commands run here, with what each keeps running."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.cli.views.lines import labelled, local_time
from okhook.inspector.access import Signer, inspector_key, link_to, without_token
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import (
    AdminRun,
    DetachedRun,
    InspectorRun,
    ReceiverRun,
    SandboxRun,
    TunnelRun,
    UpRun,
)
from okhook.runtime.running_here import Program, programs_here
from okhook.secret import Secret
from okhook.text import plain
from okhook.wire.url import EACH_WITHOUT_CREDENTIALS, without_credentials

NOTHING = "no okhook command is running"

_WIDTH = 11


class ProgramFound(Activity):
    """An okhook command runs here. Without ``running`` it was killed, and this is what it left.

    Only people see ``link``, which opens the inspector once.
    """

    type = "program"
    json_fields = (
        "name command pid running since receiver_url store forward_to webhook_url org hook_id"
        " inspector_url admin_url log"
    )
    name: str
    command: str
    pid: int
    running: bool
    since: datetime | None
    receiver_url: str | None
    store: str | None
    forward_to: Annotated[tuple[str, ...], EACH_WITHOUT_CREDENTIALS]
    webhook_url: str | None
    org: str | None
    hook_id: str | None
    inspector_url: str | None
    admin_url: str | None
    log: str | None
    link: Secret | None = None


def show_status(ctx: Context) -> None:
    """Show every command that runs here, and that none does."""
    programs = programs_here(ctx.run_directory)
    found = (_found(each, _inspector_link(ctx, each)) for each in programs)
    ctx.console.show_all(found, program_lines)
    if not any(program.is_running for program in programs):
        ctx.console.note(NOTHING)


def _inspector_link(ctx: Context, program: Program) -> Secret | None:
    run = program.part(InspectorRun)
    if run is None or not program.is_running:
        return None
    return Secret(link_to(Signer(inspector_key(ctx.state), run.port), utc_now()))


def _found(program: Program, link: Secret | None) -> ProgramFound:
    receiver, tunnel = program.part(ReceiverRun), program.part(TunnelRun)
    up, sandbox, detached = program.part(UpRun), program.part(SandboxRun), program.part(DetachedRun)
    admin = program.part(AdminRun)
    return ProgramFound(
        name=program.names[0],
        command=program.command,
        pid=program.pid,
        running=program.is_running,
        since=program.since,
        receiver_url=receiver.url if receiver else None,
        store=receiver.store if receiver else None,
        forward_to=receiver.forward_to if receiver else (),
        webhook_url=tunnel.webhook_url if tunnel else None,
        org=up.org if up else sandbox.org_url if sandbox else None,
        hook_id=up.registered if up else None,
        inspector_url=without_token(link.reveal()) if link else None,
        admin_url=admin.url if admin else None,
        log=detached.log if detached else None,
        link=link,
    )


def program_lines(found: ProgramFound) -> Iterator[Text]:
    """Yield a line about a program, and one for each thing that it keeps running."""
    since = f", since {local_time(found.since)}" if found.since else ""
    what = f"  okhook {found.command}, process {found.pid}"
    state = (since, "dim") if found.running else (": was killed", "red")
    yield Text.assemble((plain(found.name), "bold"), what, state)
    facts = [
        ("org", found.org),
        ("hook", found.hook_id),
        ("webhook", found.webhook_url),
        ("receiver", found.receiver_url),
        ("store", found.store),
        *(("forwards", without_credentials(target)) for target in found.forward_to),
        ("inspector", found.link.reveal() if found.link else None),
        ("admin", found.admin_url),
        ("log", found.log),
    ]
    for label, fact in facts:
        if fact is not None:
            yield labelled(label, plain(fact), width=_WIDTH)

"""``okhook up``: all of it in one command."""

from typing import Annotated

import typer

from okhook.cli.forward_options import (
    ConcurrencyOption,
    ForwardDuplicatesOption,
    ForwardTimeoutOption,
    ForwardToOption,
    RetriesOption,
    SendSecretOption,
)
from okhook.cli.hook_options import (
    DescriptionOption,
    EventOption,
    FilterOption,
    HeaderOption,
    HookIdOption,
    NameOption,
    OrgOption,
    WaitOption,
)
from okhook.cli.options import (
    AuthFieldOption,
    AuthSecretFileOption,
    AuthSecretOption,
    BasicAuthOption,
    HostOption,
    OutputOption,
    PathOption,
    PortOption,
    QuietOption,
    VerboseOption,
)
from okhook.cli.sandbox_options import (
    SandboxBatchWindowOption,
    SandboxDataOption,
    SandboxDelayOption,
    SandboxPortOption,
)
from okhook.cli.tunnel_options import (
    EndOrphanOption,
    HookdeckArguments,
    HookdeckOption,
    SourceOption,
    TimeoutOption,
)


def up(
    hookdeck_arguments: HookdeckArguments = None,
    org: OrgOption = None,
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox", help="Start a sandbox org on this machine: no account, no network."
        ),
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="End with success after the first event.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the hook active at the end.")] = False,
    catch_up: Annotated[
        bool | None,
        typer.Option(
            "--catch-up/--no-catch-up",
            help="Fetch what happened since the last run, from the org's System Log.",
            show_default="ask, where there is somebody to ask",
        ),
    ] = None,
    host: HostOption = None,
    port: PortOption = None,
    path: PathOption = None,
    verbose: VerboseOption = False,
    forward_to: ForwardToOption = None,
    retries: RetriesOption = None,
    forward_timeout: ForwardTimeoutOption = None,
    concurrency: ConcurrencyOption = None,
    forward_duplicates: ForwardDuplicatesOption = False,
    send_secret: SendSecretOption = False,
    public_url: Annotated[
        str | None,
        typer.Option(
            "--public-url",
            metavar="URL",
            help="URL that leads to the receiver: no tunnel is started.",
            rich_help_panel="Tunnel",
        ),
    ] = None,
    tunnel: Annotated[
        bool,
        typer.Option(
            "--tunnel", help="Go through a tunnel with --sandbox too.", rich_help_panel="Tunnel"
        ),
    ] = False,
    source: SourceOption = None,
    hookdeck: HookdeckOption = None,
    timeout: TimeoutOption = None,
    end_orphan: EndOrphanOption = False,
    name: NameOption = None,
    event: EventOption = None,
    description: DescriptionOption = None,
    header: HeaderOption = None,
    filter_: FilterOption = None,
    hook_id: HookIdOption = None,
    wait: WaitOption = None,
    sandbox_port: SandboxPortOption = None,
    sandbox_batch_window: SandboxBatchWindowOption = None,
    sandbox_delay: SandboxDelayOption = None,
    sandbox_data: SandboxDataOption = None,
    auth_field: AuthFieldOption = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Receiver, tunnel, hook and its verification in one: every event of the org on screen."""
    from okhook.cli.context import start
    from okhook.cli.serve.forwarding import ForwardFlags
    from okhook.cli.up.catch_up import catch_up_since
    from okhook.cli.up.run import UpFlags, bring_up_and_show
    from okhook.runtime.shutdown import run_until_done

    ctx = start(
        {
            "org": org,
            "host": host,
            "port": port,
            "path": path,
            "forward_to": forward_to,
            "retries": retries,
            "forward_timeout": forward_timeout,
            "concurrency": concurrency,
            "public_url": public_url,
            "source": source,
            "hookdeck": hookdeck,
            "timeout": timeout,
            "name": name,
            "event": event,
            "description": description,
            "wait": wait,
            "sandbox_port": sandbox_port,
            "sandbox_batch_window": sandbox_batch_window,
            "sandbox_delay": sandbox_delay,
            "sandbox_data": sandbox_data,
            "auth_field": auth_field,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "output": output,
            "quiet": quiet,
        }
    )
    flags = UpFlags(
        sandbox=sandbox,
        tunnel=tunnel,
        once=once,
        keep=keep,
        catch_up=catch_up,
        verbose=verbose,
        end_orphan=end_orphan,
        hook_id=hook_id,
        headers=tuple(header or ()),
        filters=tuple(filter_ or ()),
        hookdeck_arguments=tuple(hookdeck_arguments or ()),
        forward=ForwardFlags(duplicates=forward_duplicates, send_secret=send_secret),
    )
    since = catch_up_since(ctx, catch_up=catch_up, sandbox=sandbox, hook_id=hook_id)
    run_until_done(
        lambda shutdown: bring_up_and_show(ctx, flags, since, shutdown),
        interrupted="interrupted before the event came" if once else "interrupted before Ready",
    )

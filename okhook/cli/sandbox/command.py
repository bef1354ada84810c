"""``okhook sandbox``: a local Okta org."""

from typing import Annotated

import typer

from okhook.cli.options import OutputOption, QuietOption

_APPS = "OAuth service apps"


def sandbox(
    port: Annotated[
        int | None,
        typer.Option("--port", "-p", help="Port of the org.", show_default="8137"),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            help="API token of the org. Others on this machine can read it in the process list:"
            " prefer OKHOOK_SANDBOX_TOKEN.",
            show_default="generated",
        ),
    ] = None,
    batch_window: Annotated[
        str | None,
        typer.Option(
            "--batch-window",
            metavar="TIME",
            help="How long events are gathered into one delivery.",
            show_default="0.05s",
        ),
    ] = None,
    delay: Annotated[
        str | None,
        typer.Option(
            "--delay",
            metavar="TIME",
            help="How long it takes until a delivery is sent.",
            show_default="0s",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help="File that keeps users, hooks and log across restarts; secrets are left out.",
            show_default="kept in memory",
        ),
    ] = None,
    rate_limit: Annotated[
        int | None,
        typer.Option(
            "--rate-limit",
            help="Calls a minute of each endpoint before 429.",
            show_default="600",
        ),
    ] = None,
    service_app: Annotated[
        list[str] | None,
        typer.Option(
            "--service-app",
            metavar="CLIENT_ID=FILE",
            help="OAuth service app, with the file of its public key (JWK or PEM); repeat it for"
            " more.",
            rich_help_panel=_APPS,
        ),
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(
            "--grant",
            metavar="CLIENT_ID=SCOPE",
            help="Scope that the app was granted; repeat it for more.",
            show_default="all that there are",
            rich_help_panel=_APPS,
        ),
    ] = None,
    no_dpop: Annotated[
        list[str] | None,
        typer.Option(
            "--no-dpop",
            metavar="CLIENT_ID",
            help="Let the app do without DPoP: its token is a bearer token.",
            rich_help_panel=_APPS,
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]",
            help="Spoil the next answers: 429, 500, slow, cut or next-loop; repeat it for more.",
            show_default="none",
        ),
    ] = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Run an Okta org on this machine: event hooks, users, System Log, and real deliveries.

    An event hook filter that it does not understand lets every event pass. Errors whose words are
    not Okta's carry the header X-Okhook-Synthetic.
    """
    import anyio

    from okhook.cli.context import start
    from okhook.cli.sandbox.run import flags_without_prefix, run_and_show, sandbox_config
    from okhook.runtime.shutdown import run_until_signal

    ctx = start(
        {
            "sandbox_port": port,
            "sandbox_token": token,
            "sandbox_batch_window": batch_window,
            "sandbox_delay": delay,
            "sandbox_data": data,
            "sandbox_rate_limit": rate_limit,
            "sandbox_service_app": service_app,
            "sandbox_grant": grant,
            "sandbox_no_dpop": no_dpop,
            "sandbox_fault": fault,
            "output": output,
            "quiet": quiet,
        }
    )
    with flags_without_prefix():
        config = sandbox_config(ctx, port=ctx.settings.sandbox_port.value)
    anyio.run(run_until_signal, lambda _: run_and_show(ctx, config))

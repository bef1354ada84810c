"""``okhook doctor``: what is right, what is wrong, and what mends it."""

from typing import Annotated

import typer

from okhook.cli.hook_options import OrgOption
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
)
from okhook.cli.tunnel_options import HookdeckOption


def doctor(
    org: OrgOption = None,
    hook: Annotated[
        str | None,
        typer.Option(
            "--hook",
            metavar="ID|NAME",
            help="The hook that is looked at.",
            show_default="the one that was registered from here",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="The URL that leads here, if it is yours: a canary carries the secret there.",
            show_default="the running tunnel's",
        ),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Deactivate hooks that lead to a dead tunnel; asks first."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --fix: do not ask.")] = False,
    host: HostOption = None,
    port: PortOption = None,
    path: PathOption = None,
    auth_field: AuthFieldOption = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    hookdeck: HookdeckOption = None,
    check_timeout: Annotated[
        str | None,
        typer.Option(
            "--check-timeout",
            metavar="TIME",
            help="How long each check may take.",
            show_default="10s",
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what is known of sound parts too.")
    ] = False,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Check everything between an event in the org and the store here, and say what mends it.

    Changes nothing, but for one canary in the store. Exit 1 if a check failed.
    """
    from okhook.cli.doctor.inputs import begin
    from okhook.cli.doctor.run import diagnose_and_show, mend_and_show, refuse_failures

    ctx, fault = begin(
        {
            "org": org,
            "url": url,
            "host": host,
            "port": port,
            "path": path,
            "auth_field": auth_field,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "hookdeck": hookdeck,
            "check_timeout": check_timeout,
            "output": output,
            "quiet": quiet,
        }
    )
    examined = diagnose_and_show(ctx, fault, hook, verbose=verbose)
    if fix:
        mend_and_show(ctx, examined.orphans, ask=not yes)
    refuse_failures(examined.diagnosis)

"""``okhook hooks verify``: have the org verify a hook that is there."""

from typing import Annotated

import typer

from okhook.cli.hook_arguments import HookArgument
from okhook.cli.hook_options import OrgOption, WaitOption
from okhook.cli.options import (
    AuthSecretFileOption,
    AuthSecretOption,
    BasicAuthOption,
    OutputOption,
    QuietOption,
)


def verify(
    hook: HookArgument,
    org: OrgOption = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="The hook's URL, if it is yours: our own request carries the secret there alone.",
            show_default="the running tunnel's",
        ),
    ] = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    wait: WaitOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Have the org verify an event hook; where it cannot, find out why by the same request."""
    import anyio

    from okhook.cli.context import start
    from okhook.cli.hooks.shared import verify_and_show

    ctx = start(
        {
            "org": org,
            "url": url,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "wait": wait,
            "output": output,
            "quiet": quiet,
        }
    )
    anyio.run(verify_and_show, ctx, hook)

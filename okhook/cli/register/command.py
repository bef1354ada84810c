"""``okhook register``: bring an event hook of the org into the wanted state, and verify it."""

from typing import TYPE_CHECKING, Annotated

import typer

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
    OutputOption,
    QuietOption,
)

if TYPE_CHECKING:
    from okhook.cli.register.run import HowToRegister

_VERIFICATION = "Verification"


def register(
    org: OrgOption = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="URL that the org calls.",
            show_default="the running tunnel's; for a sandbox the running receiver's",
        ),
    ] = None,
    name: NameOption = None,
    event: EventOption = None,
    description: DescriptionOption = None,
    header: HeaderOption = None,
    filter_: FilterOption = None,
    hook_id: HookIdOption = None,
    auth_field: AuthFieldOption = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    no_verify: Annotated[
        bool,
        typer.Option(
            "--no-verify", help="Leave the verification for later.", rich_help_panel=_VERIFICATION
        ),
    ] = False,
    verify_only: Annotated[
        bool,
        typer.Option(
            "--verify-only",
            help="Verify the hook that is there, and change nothing else.",
            rich_help_panel=_VERIFICATION,
        ),
    ] = False,
    wait: WaitOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Register an event hook in an org, or bring it up to date, and have it verified."""
    import anyio

    from okhook.cli.context import start
    from okhook.cli.register.run import register_and_show

    ctx = start(
        {
            "org": org,
            "url": url,
            "name": name,
            "event": event,
            "description": description,
            "auth_field": auth_field,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "wait": wait,
            "output": output,
            "quiet": quiet,
        }
    )
    how = _how(no_verify=no_verify, verify_only=verify_only)
    anyio.run(register_and_show, ctx, how, hook_id, header or [], filter_ or [])


def _how(*, no_verify: bool, verify_only: bool) -> "HowToRegister":
    from okhook.cli.register.run import HowToRegister
    from okhook.errors import InvalidInput

    if no_verify and verify_only:
        raise InvalidInput("--no-verify and --verify-only contradict each other")
    if verify_only:
        return HowToRegister.VERIFY_ONLY
    return HowToRegister.WITHOUT_VERIFYING if no_verify else HowToRegister.AND_VERIFY

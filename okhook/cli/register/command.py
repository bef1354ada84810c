"""``okhook register``: bring an event hook of the org into the wanted state, and verify it."""

from typing import TYPE_CHECKING, Annotated

import typer

from okhook.cli.command import command, flag
from okhook.cli.options import HOOK, SECRET, HookFlags

if TYPE_CHECKING:
    from okhook.cli.context import Context
    from okhook.cli.register.run import HowToRegister

_VERIFICATION = "Verification"


@command(
    "org",
    flag(
        "url",
        shown_default="the running tunnel's; for a sandbox the running receiver's",
    ),
    *HOOK,
    *SECRET,
    "no_verify",
    "verify_only",
    "wait",
)
def register(
    ctx: "Context",
    hook: HookFlags,
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
) -> None:
    """Register an event hook in an org, or bring it up to date, and have it verified."""
    import anyio

    from okhook.cli.register.run import register_and_show

    how = _how(no_verify=no_verify, verify_only=verify_only)
    anyio.run(register_and_show, ctx, how, hook)


def _how(*, no_verify: bool, verify_only: bool) -> "HowToRegister":
    from okhook.cli.register.run import HowToRegister
    from okhook.errors import InvalidInput

    if no_verify and verify_only:
        raise InvalidInput("--no-verify and --verify-only contradict each other")
    if verify_only:
        return HowToRegister.VERIFY_ONLY
    return HowToRegister.WITHOUT_VERIFYING if no_verify else HowToRegister.AND_VERIFY

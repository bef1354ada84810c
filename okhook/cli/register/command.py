"""``okhook register``: bring an event hook of the org into the wanted state, and verify it."""

from typing import Annotated

from okhook.cli.command import command, flag
from okhook.cli.context import Context
from okhook.cli.options import HOOK, SECRET, HookFlags
from okhook.config.setting import Flag

_VERIFICATION = "Verification"


@command(
    "org",
    flag("url", shown_default="the running tunnel's; for a sandbox the running receiver's"),
    *HOOK,
    *SECRET,
    "no_verify",
    "verify_only",
    "wait",
)
def register(
    ctx: Context,
    hook: HookFlags,
    no_verify: Annotated[
        bool, Flag("Leave the verification for later.", panel=_VERIFICATION)
    ] = False,
    verify_only: Annotated[
        bool, Flag("Verify the hook that is there, and change nothing else.", panel=_VERIFICATION)
    ] = False,
) -> None:
    """Register an event hook in an org, or bring it up to date, and have it verified."""
    import anyio

    from okhook.cli.register.run import register_and_show, verify_and_show
    from okhook.errors import InvalidInput

    if no_verify and verify_only:
        raise InvalidInput("--no-verify and --verify-only contradict each other")
    if verify_only:
        anyio.run(verify_and_show, ctx, hook.hook_id)
    else:
        anyio.run(register_and_show, ctx, hook, not no_verify)

"""``okhook register``: bring an event hook of the org into the wanted state, and verify it."""

from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command, flag
from okhook.cli.context import Context
from okhook.cli.options import HOOK, SECRET, HookFlags
from okhook.config.setting import Flag

if TYPE_CHECKING:
    from okhook.cli.register.run import HowToRegister

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

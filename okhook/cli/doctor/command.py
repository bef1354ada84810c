"""``okhook doctor``: check the whole path from the org to the store, and say how to fix it."""

from okhook.cli.command import Panel, command, flag, switch
from okhook.cli.options import RECEIVER, SECRET, STORE, hook_option
from okhook.config.setting import Layer


@command(
    "org hook",
    flag(
        "url",
        help="Public URL of this receiver, if it is yours: it gets a test delivery with the secret",
        shown_default="the running tunnel's",
    ),
    "fix yes verbose check_timeout",
    Panel("Receiver and tunnel", RECEIVER, "hookdeck"),
    SECRET,
    STORE,
    opens=lambda flags: flags,
)
def doctor(
    flags: Layer,
    hook: str | None = hook_option(),
    fix: bool = switch("Deactivate hooks whose tunnel no longer runs; asks first"),
    yes: bool = switch("With --fix: do not ask for confirmation", short="-y"),
    verbose: bool = switch("Also show details of checks that passed", short="-v"),
) -> None:
    """Check your setup, and explain how to fix it.

    okhook doctor                               # this machine, and your org
    okhook doctor --org dev-123.okta.com -v     # also what works
    okhook doctor --org dev-123.okta.com --fix  # deactivate orphaned hooks

    Changes nothing, except that it stores one test delivery (a canary). Exits with code 1 if a
    check failed.
    """
    from okhook.cli.doctor.run import doctor_and_show

    doctor_and_show(flags, hook, verbose=verbose, fix=fix, ask=not yes)

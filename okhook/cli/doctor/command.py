"""``okhook doctor``: check the whole path from the org to the store, and say how to fix it."""

from typing import Annotated

from okhook.cli.command import command_of_flags, flag
from okhook.cli.options import RECEIVER, SECRET
from okhook.config.setting import Flag, Layer


@command_of_flags(
    "org",
    "hook",
    flag(
        "url",
        help="The URL that leads here, if it is yours: a canary carries the secret there.",
        shown_default="the running tunnel's",
    ),
    "fix",
    "yes",
    *RECEIVER,
    *SECRET,
    "hookdeck",
    "check_timeout",
    "verbose",
)
def doctor(
    flags: Layer,
    hook: Annotated[
        str | None,
        Flag(
            "The hook that is looked at.",
            metavar="ID|NAME",
            shown_default="the one that was registered from here",
        ),
    ] = None,
    fix: Annotated[bool, Flag("Deactivate hooks that lead to a dead tunnel; asks first.")] = False,
    yes: Annotated[bool, Flag("With --fix: do not ask.", short="-y")] = False,
    verbose: Annotated[bool, Flag("Show what is known of sound parts too.", short="-v")] = False,
) -> None:
    """Check everything between an event in the org and the store here, and say what mends it.

    Changes nothing, but for one canary in the store. Exit 1 if a check failed.
    """
    from okhook.cli.doctor.inputs import begin
    from okhook.cli.doctor.run import doctor_and_show

    ctx, error = begin(flags)
    doctor_and_show(ctx, error, hook, verbose=verbose, fix=fix, ask=not yes)

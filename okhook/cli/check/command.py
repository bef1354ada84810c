"""``okhook check``: test a receiver against the rules of Okta's event hooks."""

from dataclasses import dataclass
from typing import Annotated

from okhook.cli.command import Argument, command, flag
from okhook.cli.context import Context
from okhook.cli.options import SECRET, YesOption
from okhook.config.setting import Flag
from okhook.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class CheckFlags:
    """The flags of ``check`` that are no settings."""

    only: Annotated[
        list[str] | None,
        Flag("Run only this case or group; repeat for more", metavar="CASE", takes_names=True),
    ] = None
    skip: Annotated[
        list[str] | None,
        Flag("Leave this case or group out; repeat for more", metavar="CASE", takes_names=True),
    ] = None
    strict: Annotated[bool, Flag("Exit with code 1 also if a should failed")] = False


@command(
    flag("event", help="Event types that the hook has; repeat for more"),
    *("only", "skip", "strict", "yes", "list_", "explain"),
    SECRET,
)
def check(
    ctx: Context,
    flags: CheckFlags,
    url: Annotated[str | None, Argument("The URL of the receiver", metavar="URL")] = None,
    list_: Annotated[bool, Flag("List the cases, and send nothing")] = False,
    explain: Annotated[str | None, Flag("Explain a case, and send nothing", metavar="CASE")] = None,
    yes: YesOption = False,
) -> None:
    """Check that a receiver holds what Okta's event hooks ask of it.

    okhook check http://localhost:3000/hook
    okhook check http://localhost:3000/hook --only challenge
    okhook check --explain challenge-echo

    Sends challenges and deliveries as Okta does, about people who do not exist: their ids and
    names contain okhook-check. Exits with code 1 if a case of level must failed.
    """
    from okhook.cli.check.run import check_and_show, explain_case, list_cases

    if list_:
        list_cases(ctx)
    elif explain is not None:
        explain_case(ctx, explain)
    elif url is None:
        raise InvalidInput(
            "missing argument URL",
            why="The URL of the receiver",
            next_step="for example: okhook check http://localhost:3000/hook",
        )
    else:
        check_and_show(ctx, url, flags, asks=not yes)

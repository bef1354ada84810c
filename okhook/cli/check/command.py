"""``okhook check``: test a receiver against the rules of Okta's event hooks."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated

from okhook.cli.command import Argument, Panel, command, flag
from okhook.cli.completion import check_cases
from okhook.cli.context import Context
from okhook.cli.options import SECRET, YesOption
from okhook.config.setting import Flag
from okhook.errors import InvalidInput

_cases = partial(Flag, metavar="CASE", completion=check_cases)


class Engine(StrEnum):
    """The engine of an org."""

    CLASSIC = "classic"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class CheckFlags:
    """The flags of ``check`` that are no settings."""

    only: Annotated[
        list[str] | None, _cases("Run only this case or group; repeat for more", takes_names=True)
    ] = None
    skip: Annotated[
        list[str] | None, _cases("Leave this case or group out; repeat for more", takes_names=True)
    ] = None
    strict: Annotated[bool, Flag("Also exit with code 1 if a case of the level 'should' fails")] = (
        False
    )
    fail_fast: Annotated[
        bool,
        Flag("Stop after the first case that makes the command fail", short="-x"),
    ] = False
    all_types: Annotated[bool, Flag("Send an event of every type that a hook can subscribe to")] = (
        False
    )
    engine: Annotated[
        Engine | None, Flag("The engine of your org", shown_default="cases of both")
    ] = None
    observe: Annotated[
        str | None,
        Flag(
            "Counts how often your app processed an event: a URL with the word uuid in braces, or"
            " a command that reads OKHOOK_EVENT_UUID",
            metavar="COMMAND|URL",
        ),
    ] = None
    observe_wait: Annotated[
        str, Flag("How long your app may take to process an event", metavar="DURATION")
    ] = "5s"
    restart: Annotated[
        str | None, Flag("Restarts your app, for the case delivery-restart", metavar="COMMAND")
    ] = None
    junit: Annotated[str | None, Flag("Also write JUnit XML to this file", metavar="FILE")] = None
    github: Annotated[bool, Flag("Also write failures as annotations of GitHub Actions")] = False


@command(
    *("only", "skip", "strict", "fail_fast", "yes", "list_", "explain"),
    Panel(
        "Events",
        (
            flag("event", help="Event types of your hook, separated by commas; repeat for more"),
            *("all_types", "engine"),
        ),
    ),
    Panel("Effects", ("observe", "observe_wait", "restart")),
    Panel("Reports", ("junit", "github")),
    SECRET,
)
def check(
    ctx: Context,
    flags: CheckFlags,
    url: Annotated[str | None, Argument("The URL of the receiver", metavar="URL")] = None,
    list_: Annotated[bool, Flag("List the cases, and send nothing")] = False,
    explain: Annotated[
        str | None,
        _cases("Explain a case, and send nothing"),
    ] = None,
    yes: YesOption = False,
) -> None:
    """Test a receiver against the rules of Okta's event hooks.

    okhook check http://localhost:3000/hook
    okhook check http://localhost:3000/hook --only challenge
    okhook check --explain challenge-echo

    Sends challenges and deliveries as Okta does, about people who do not exist: their ids and
    names contain okhook-check. Exits with code 1 if a case of the level 'must' fails.
    """
    from okhook.cli.check.run import check_and_show, explain_case, list_cases

    if list_:
        list_cases(ctx, flags)
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

"""``okhook check``: test a receiver against the rules of Okta's event hooks."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from okhook.cli.command import Panel, argument, command, flag, option, switch
from okhook.cli.completion import check_cases
from okhook.cli.context import Context
from okhook.cli.options import SECRET, yes_switch
from okhook.errors import InvalidInput

_cases = partial(option, metavar="CASE", completion=check_cases)


class Engine(StrEnum):
    """The engine of an org."""

    CLASSIC = "classic"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class CheckFlags:
    """The flags of ``check`` that are no settings."""

    only: list[str] | None = _cases(
        "Run only this case or group; repeat for more", takes_names=True
    )
    skip: list[str] | None = _cases(
        "Leave this case or group out; repeat for more", takes_names=True
    )
    strict: bool = switch("Also exit with code 1 if a case of the level 'should' fails")
    fail_fast: bool = switch("Stop after the first case that makes the command fail", short="-x")
    all_types: bool = switch("Send an event of every type that a hook can subscribe to")
    engine: Engine | None = option("The engine of your org", shown_default="cases of both")
    observe: str | None = option(
        "Counts how often your app processed an event: a URL with the word uuid in braces, or"
        " a command that reads OKHOOK_EVENT_UUID",
        metavar="COMMAND|URL",
    )
    observe_wait: str = option(
        "How long your app may take to process an event", metavar="DURATION", default="5s"
    )
    restart: str | None = option(
        "Restarts your app, for the case delivery-restart", metavar="COMMAND"
    )
    junit: str | None = option("Also write JUnit XML to this file", metavar="FILE")
    github: bool = switch("Also write failures as annotations of GitHub Actions")


@command(
    "only skip strict fail_fast yes list_ explain",
    Panel(
        "Events",
        flag("event", help="Event types of your hook, separated by commas; repeat for more"),
        "all_types engine",
    ),
    Panel("Effects", "observe observe_wait restart"),
    Panel("Reports", "junit github"),
    SECRET,
)
def check(
    ctx: Context,
    flags: CheckFlags,
    url: str | None = argument("The URL of the receiver", metavar="URL", default=None),
    list_: bool = switch("List the cases, and send nothing"),
    explain: str | None = _cases("Explain a case, and send nothing"),
    yes: bool = yes_switch(),
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

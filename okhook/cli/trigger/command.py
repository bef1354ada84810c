"""``okhook trigger``: make an event happen in the org, and wait until it arrives here."""

from typing import Annotated

from okhook.cli.command import Argument, command
from okhook.cli.completion import scenarios_starting_with, triggers_starting_with
from okhook.cli.context import Context
from okhook.config.setting import Flag
from okhook.errors import InvalidInput

_SCENARIO = "Scenarios"
_LEFT = "What is made in the org"


@command("org", "timeout", "no_wait", "scenario", "list_", "show", "cleanup", "cleanup_only", "yes")
def trigger(
    ctx: Context,
    event_type: Annotated[
        str | None,
        Argument(
            "Event type, as user.lifecycle.create; --list shows them all.",
            metavar="TYPE",
            completion=triggers_starting_with,
        ),
    ] = None,
    timeout: Annotated[str, Flag("How long to wait for each event.", metavar="TIME")] = "10m",
    no_wait: Annotated[bool, Flag("Do it, and do not wait for the event.")] = False,
    scenario: Annotated[
        str | None,
        Flag(
            "Do all steps of a scenario.",
            metavar="NAME|FILE.toml",
            completion=scenarios_starting_with,
            panel=_SCENARIO,
        ),
    ] = None,
    list_: Annotated[
        bool, Flag("List the event types and the scenarios.", panel=_SCENARIO)
    ] = False,
    show: Annotated[
        str | None,
        Flag(
            "Print a scenario, to copy from.",
            metavar="NAME",
            completion=scenarios_starting_with,
            panel=_SCENARIO,
        ),
    ] = None,
    cleanup: Annotated[
        bool, Flag("Remove it at the end, also after Ctrl-C or a failure.", panel=_LEFT)
    ] = False,
    cleanup_only: Annotated[
        bool, Flag("Remove what earlier runs left, and do nothing else.", panel=_LEFT)
    ] = False,
    yes: Annotated[
        bool, Flag("Do not ask before writing to an org that is no test org.", short="-y")
    ] = False,
) -> None:
    """Do the real thing in an org, and wait until its event arrives at the running receiver."""
    from okhook.cli.trigger.cleanup import clean_up_and_show
    from okhook.cli.trigger.run import trigger_and_show
    from okhook.cli.trigger.scenarios import list_and_show, scenario_chosen, show_scenario

    given = {
        "an event type": event_type is not None,
        "--scenario": scenario is not None,
        "--list": list_,
        "--show": show is not None,
        "--cleanup-only": cleanup_only,
    }
    meant = [name for name, is_given in given.items() if is_given]
    if len(meant) > 1:
        raise InvalidInput(f"{meant[0]} and {meant[1]} contradict each other")
    timeout_s = _seconds(timeout)
    if list_:
        list_and_show(ctx)
    elif show is not None:
        show_scenario(ctx, show)
    elif cleanup_only:
        clean_up_and_show(ctx, asks=not yes)
    else:
        trigger_and_show(
            ctx,
            scenario_chosen(event_type, scenario),
            timeout_s=None if no_wait else timeout_s,
            cleans_up=cleanup,
            asks=not yes,
        )


def _seconds(timeout: str) -> float:
    from okhook.quantities import NotAQuantity, parse_age

    try:
        timeout_s = parse_age(timeout).total_seconds()
    except NotAQuantity:
        raise InvalidInput("--timeout: write a time like 30s, 10m or 2h") from None
    if timeout_s == 0:
        raise InvalidInput("--timeout: 0 is no time to wait", next_step="--no-wait waits for none")
    return timeout_s

"""``okhook trigger``: make an event happen in the org, and wait until it arrives here."""

from dataclasses import dataclass

from okhook.cli.command import Panel, argument, command, option, switch
from okhook.cli.completion import scenarios, triggers
from okhook.cli.context import Context
from okhook.cli.options import STORE, check_alone, seconds


@dataclass(frozen=True, slots=True)
class TriggerFlags:
    """The flags of ``trigger`` that are no settings."""

    event_type: str | None = argument(
        "Event type to cause; --list shows all of them",
        metavar="TYPE",
        completion=triggers,
        default=None,
    )
    timeout: str = option("How long to wait for each event", metavar="DURATION", default="10m")
    no_wait: bool = switch("Do not wait for the event")
    scenario: str | None = option(
        "Run all steps of a scenario", metavar="NAME|FILE", completion=scenarios
    )
    list_: bool = switch("List the event types and scenarios")
    show: str | None = option(
        "Print a scenario, for example to copy it", metavar="NAME", completion=scenarios
    )
    cleanup: bool = switch("Delete the test users and groups at the end, even after Ctrl-C")
    cleanup_only: bool = switch("Only delete the test users and groups of earlier runs")
    yes: bool = switch("Do not ask before changing an org that is not a test org", short="-y")


@command(
    "org timeout no_wait cleanup yes",
    Panel("Scenarios", "list_ scenario show"),
    Panel("Maintenance", "cleanup_only"),
    STORE,
)
def trigger(ctx: Context, flags: TriggerFlags) -> None:
    """Cause a real event in an org, and wait until it arrives.

    okhook trigger user.lifecycle.create --cleanup  # then delete the user
    okhook trigger --list                           # event types and scenarios
    okhook trigger --scenario joiner-mover-leaver --cleanup

    Creates test users and test groups as needed. A receiver must be running, unless you pass
    --no-wait.
    """
    from okhook.cli.trigger.run import clean_up_and_show, trigger_and_show
    from okhook.cli.trigger.scenarios import list_and_show, scenario_chosen, show_scenario

    check_alone(
        {
            "an event type": flags.event_type is not None,
            "--scenario": flags.scenario is not None,
            "--list": flags.list_,
            "--show": flags.show is not None,
            "--cleanup-only": flags.cleanup_only,
        }
    )
    instead = "pass --no-wait if you do not want to wait"
    timeout_s = seconds("--timeout", flags.timeout, instead=instead)
    if flags.list_:
        list_and_show(ctx)
    elif flags.show is not None:
        show_scenario(ctx, flags.show)
    elif flags.cleanup_only:
        clean_up_and_show(ctx, asks=not flags.yes)
    else:
        scenario = scenario_chosen(flags.event_type, flags.scenario)
        trigger_and_show(ctx, scenario, flags, timeout_s=None if flags.no_wait else timeout_s)

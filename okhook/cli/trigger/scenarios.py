"""Choose, list and print the scenarios of ``okhook trigger``."""

from okhook.cli.context import Context
from okhook.cli.trigger.view import render_scenario
from okhook.config.paths import expanded
from okhook.config.plain_file import plain_text
from okhook.errors import InvalidInput
from okhook.text import did_you_mean
from okhook.trigger.activities import ScenarioListed, Triggerable
from okhook.trigger.scenario import ACTIONS, Scenario, scenario_of
from okhook.trigger.scenario_file import read_scenario, shipped_names, shipped_text


def scenario_chosen(event_type: str | None, scenario: str | None) -> Scenario:
    """Return the scenario of ``--scenario``, or the one that triggers ``event_type``."""
    if not scenario and not event_type:
        raise InvalidInput(
            "missing event type or scenario", next_step="to see both, run okhook trigger --list"
        )
    if not scenario:
        if event_type in shipped_names():
            raise InvalidInput(
                f"{event_type} is a scenario, not an event type",
                next_step=f"run okhook trigger --scenario {event_type}",
            )
        return scenario_of(event_type or "")
    shipped = None if _is_path(scenario) else shipped_text(scenario)
    return read_scenario(shipped or _text_of(scenario), scenario)


def list_and_show(ctx: Context) -> None:
    """Show the event types that can be triggered, and the scenarios that come with okhook."""
    types = [Triggerable(name, action.meaning) for name, action in ACTIONS.items()]
    scenarios = [
        ScenarioListed(name, read_scenario(shipped_text(name) or "", name).event_types)
        for name in shipped_names()
    ]
    ctx.console.show_all([*types, *scenarios], render_scenario)
    ctx.console.note("to print a scenario, run okhook trigger --show NAME")


def show_scenario(ctx: Context, name: str) -> None:
    """Print a shipped scenario."""
    text = shipped_text(name)
    if text is None:
        raise _none_called(name)
    shown = ScenarioListed(name, read_scenario(text, name).event_types, text)
    ctx.console.show(shown, render_scenario)


def _is_path(named: str) -> bool:
    return "/" in named or named.endswith(".toml")


def _text_of(file: str) -> str:
    try:
        return plain_text(expanded(file, f"the scenario {file}"))
    except FileNotFoundError:
        if _is_path(file):
            raise InvalidInput(f"found no scenario file {file}") from None
        raise _none_called(file) from None
    except OSError as error:
        raise InvalidInput(f"cannot read the scenario {file}", why=error.strerror) from error
    except UnicodeDecodeError:
        raise InvalidInput(f"the scenario {file} is not UTF-8 text") from None


def _none_called(name: str) -> InvalidInput:
    near = did_you_mean(name, shipped_names(), "--scenario {}")
    return InvalidInput(
        f"unknown scenario {name}",
        why="\n".join(["scenarios that come with okhook:", *shipped_names()]),
        next_step=near or "name one of them, or a file: --scenario ./mine.toml",
    )

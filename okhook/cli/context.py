"""The settings, console and state directory of a command. Imports nothing slow."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from okhook.config.paths import (
    run_directory,
    state_directory,
    store_file,
    uptime_directory,
    working_directory,
)
from okhook.config.setting import Layer
from okhook.config.settings import LogFormat, Output, Settings
from okhook.errors import InvalidInput

if TYPE_CHECKING:
    from okhook.cli.console import Console
    from okhook.config.store_location import StoreLocation
    from okhook.runtime.run_files import RunDirectory
    from okhook.runtime.service_manager import ServiceManager
    from okhook.runtime.uptime import Uptime
    from okhook.secret import HookAuth


@dataclass(frozen=True, slots=True)
class Context:
    """The settings, console and state directory of a command."""

    settings: Settings
    console: "Console"
    environ: Mapping[str, str]
    service: "ServiceManager"

    @property
    def state(self) -> Path:
        """The state directory. Not every command needs one, and there may be none."""
        return state_directory(self.environ)

    @property
    def store(self) -> "StoreLocation":
        """Where the store is: as set, or in the state directory."""
        named = self.settings.store
        return store_file(self.state) if named is None else named.value

    @property
    def run_directory(self) -> "RunDirectory":
        """The run files of this state directory."""
        from okhook.runtime.run_files import RunDirectory

        return RunDirectory(run_directory(self.state))

    @property
    def uptime(self) -> "Uptime":
        """When a receiver ran with this state directory."""
        from okhook.runtime.ids import utc_now
        from okhook.runtime.uptime import Uptime

        return Uptime(uptime_directory(self.state), now=utc_now)

    def hook_auth(self) -> "HookAuth | None":
        """Return the hook's secret, and warn if its value is on the command line."""
        from okhook.config.hook_auth import hook_auth

        found = hook_auth(self.settings)
        if found is None:
            return None
        if found.origin in ("--auth-secret", "--basic-auth"):
            self.console.warn(
                f"others on this machine can read {found.origin} in the process list;"
                " use OKHOOK_AUTH_SECRET, OKHOOK_BASIC_AUTH or --auth-secret-file instead"
            )
        return found.value


def open_context(flags: Layer, *, logs: bool = False) -> Context:
    """Read the settings, with the ``flags`` that were given, and return the context.

    A command that ``logs`` can write its output as a log.
    """
    from okhook.config.layers import load_settings
    from okhook.runtime.service_manager import ServiceManager

    service = ServiceManager.taken_from(os.environ)
    environ = dict(os.environ)
    settings = load_settings(flags, environ, working_directory())
    return context_of(settings, environ, service, logs=logs)


def context_of(
    settings: Settings, environ: Mapping[str, str], service: "ServiceManager", *, logs: bool = False
) -> Context:
    """Return the context of a command with these settings."""
    from okhook.cli.prompts import agree_to_setting

    console = _console_of(settings, logs=logs)
    for warning in (warning for layer in settings.layers for warning in layer.warnings):
        console.warn(warning)
    ctx = Context(settings, console, environ, service)
    settings.agree = partial(agree_to_setting, ctx)
    return ctx


def _console_of(settings: Settings, *, logs: bool) -> "Console":
    from okhook.cli.console import Console

    output, log_format = settings.output, settings.log_format
    if not logs or log_format.value is LogFormat.TEXT:
        if logs and settings.log_events.from_flag:
            raise InvalidInput("--log-events requires --log-format json")
        quiet, flags = settings.quiet.value, settings.layers[0]
        return Console(output=output.value, quiet=quiet, flags=flags)
    if output.value is Output.JSON:
        raise InvalidInput(
            f"{log_format.origin} and {output.origin} cannot be used together",
            why="both write to stdout",
            next_step="choose --log-format json for a log collector, or --output json for a script",
        )
    from okhook.cli.log_console import LogConsole

    return LogConsole(quiet=settings.quiet.value, events=settings.log_events.value)

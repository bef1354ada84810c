"""Checks of okhook itself: its Python, its settings, its store and its port."""

import importlib.metadata
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from anyio import to_thread

from okhook.config.shown import ShownSetting
from okhook.config.store_location import StoreLocation
from okhook.doctor.check import Finding, error_found, failed, ok, skipped, warning
from okhook.doctor.facts import Facts
from okhook.errors import InvalidInput, PortInUse, StoreFailed
from okhook.quantities import shown_size
from okhook.runtime.sockets import listen
from okhook.store.health import StoreHealth
from okhook.store.open import store_health
from okhook.version import __version__

LITTLE_ROOM_BYTES = 1 << 30
_FLOOR = re.compile(r">=\s*(\d{1,3})\.(\d{1,3})")
_MOVE_AWAY = (
    "move the file and its -wal and -shm files away; okhook then creates a new store."
    " `sqlite3 FILE .recover` may save its rows"
)
_OF_THE_OUTPUT = frozenset({"output", "quiet"})
"""Settings of how findings are shown: the inspector's page sets its own, and none can be wrong."""

_PRUNE = "free disk space, for example with: okhook deliveries prune --keep 30d"
_STORE_SHARE = 0.5
"""The share of a check's time in which the store is searched for damage."""


async def check_program(_: Facts) -> Finding:
    """Check that this Python is new enough for the package."""
    try:
        requires = importlib.metadata.metadata("okhook")["Requires-Python"]
    except importlib.metadata.PackageNotFoundError:
        requires = None
    return judged_python(__version__, sys.version_info[:3], requires)


def judged_python(version: str, python: tuple[int, int, int], requires: str | None) -> Finding:
    """Judge a Python version. ``requires`` is the ``Requires-Python`` of the package."""
    running = ".".join(map(str, python))
    floor = _FLOOR.search(requires or "")
    if floor is not None and python[:2] < (int(floor[1]), int(floor[2])):
        return failed(
            f"okhook {version} runs on Python {running}, but needs {floor[1]}.{floor[2]} or newer",
            remedy=f"install it into an environment of Python {floor[1]}.{floor[2]} or newer",
        )
    return ok(f"okhook {version} on Python {running}")


async def check_settings(facts: Facts) -> Finding:
    """Report the settings and where each comes from, or why they cannot be used."""
    settings = facts.settings
    if settings.error is not None:
        return error_found(settings.error)
    read = f"read {', '.join(map(str, settings.files))}" if settings.files else "no settings file"
    shown = [each for each in settings.shown if each.name not in _OF_THE_OUTPUT]
    lines = (
        f"{each.name} = {'(not shown)' if each.value is None else each.value}  {each.origin}"
        for each in shown
    )
    return ok(f"{_origins(shown) or 'all settings have their defaults'}; {read}", *lines)


def _origins(shown: Sequence[ShownSetting]) -> str:
    """Return the names of the settings, grouped by the place that they come from."""
    by_place: dict[str, list[str]] = {}
    for setting in shown:
        place = setting.origin.removeprefix(f"{setting.name} in ")
        by_place.setdefault(place, []).append(setting.name)
    return "; ".join(f"{', '.join(names)} from {place}" for place, names in by_place.items())


async def check_store(facts: Facts) -> Finding:
    """Open the store, look for damage as long as there is time, and measure free space."""
    look = partial(
        store_health, facts.store, within_s=facts.timeout_s * _STORE_SHARE, now=facts.now()
    )
    try:
        health = await to_thread.run_sync(look, abandon_on_cancel=True)
    except StoreFailed as error:
        return error_found(error)
    if elsewhere := _receiver_elsewhere(facts):
        return elsewhere
    if health is None:
        return skipped(f"nothing was received yet: found no {facts.store}")
    return judged_store(facts.store, health)


def _receiver_elsewhere(facts: Facts) -> Finding | None:
    """Return a warning if the receivers that run here have another store."""
    here = () if facts.usable_setup is None else facts.usable_setup.running.receivers
    if not here or any(each.stores_in(facts.store) for each in here):
        return None
    return warning(
        f"the receiver at {here[0].url} stores in {here[0].store},"
        f" but okhook doctor checks {facts.store}",
        remedy=f"pass --store {shlex.quote(here[0].store or '')}",
    )


def judged_store(where: StoreLocation, health: StoreHealth) -> Finding:
    """Judge the health of a store."""
    if health.damage is not None:
        return failed(f"the store {where} is damaged", health.damage, remedy=_MOVE_AWAY)
    size = f"{_counted(health.records)}, {shown_size(health.size_bytes)}"
    whole = "" if health.is_checked else "; too large to check for damage"
    if health.free_bytes is None:
        return ok(f"{size}{whole}", str(where))
    size = f"{size}, {shown_size(health.free_bytes)} free"
    if health.free_bytes < LITTLE_ROOM_BYTES:
        return warning(f"little disk space: {size}{whole}", str(where), remedy=_PRUNE)
    if health.free_bytes < health.growth_bytes:
        return warning(
            f"too little disk space for another week at the current rate: {size}{whole}",
            str(where),
            remedy=_PRUNE,
        )
    return ok(f"{size}{whole}", str(where))


def _counted(records: int | None) -> str:
    if records is None:
        return "too many records to count"
    return "1 record" if records == 1 else f"{records:,} records"


async def check_port(facts: Facts) -> Finding:
    """Check that the receiver's port is free, or that a receiver of okhook has it."""
    host, port, runs = facts.setup.host, facts.setup.endpoint.port, facts.setup.run_directory
    here = facts.setup.running.receivers
    own = next((each for each in here if each.port == port), None)
    if own is not None:
        return ok(f"okhook's receiver uses it: {own.url} (process {own.pid})")
    if here:
        return ok(*(f"okhook's receiver runs at {each.url} (process {each.pid})" for each in here))
    try:
        await to_thread.run_sync(lambda: listen(host, port, runs=runs).close())
    except (PortInUse, InvalidInput) as error:
        found = error_found(error)
        return replace(
            found, remedy=error.next_step or "pass an address of this machine with --host"
        )
    return ok(f"{port} on {host} is free; no receiver is running")

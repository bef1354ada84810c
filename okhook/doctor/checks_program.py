"""Whether okhook is on a Python that it can run on, and what its settings are."""

import re
from collections.abc import Sequence
from pathlib import Path

from okhook.config.settings import ShownSetting
from okhook.doctor.check import Finding, failed, fault_found, ok
from okhook.errors import OkhookError

_FLOOR = re.compile(r">=\s*(\d{1,3})\.(\d{1,3})")


async def check_program(
    version: str, python: tuple[int, int, int], requires_python: str | None
) -> Finding:
    """Hold the Python that runs against the oldest that the package takes.

    ``requires_python`` is as in the package's metadata; None where there is no metadata.
    """
    running = ".".join(map(str, python))
    floor = _FLOOR.search(requires_python or "")
    if floor is not None and python[:2] < (int(floor[1]), int(floor[2])):
        return failed(
            f"okhook {version} runs on Python {running}, and needs {floor[1]}.{floor[2]} or newer",
            remedy=f"install it into an environment of Python {floor[1]}.{floor[2]} or newer",
        )
    return ok(f"okhook {version} on Python {running}")


async def check_settings(
    files: Sequence[Path], shown: Sequence[ShownSetting], fault: OkhookError | None
) -> Finding:
    """Say which settings are set, and where. ``files`` are those that were read.

    A ``fault`` is what kept them from being read.
    """
    if fault is not None:
        return fault_found(fault)
    read = f"read {', '.join(map(str, files))}" if files else "no settings file"
    return ok(f"{_origins(shown) or 'none is set'}; {read}", *(_line(each) for each in shown))


def _origins(shown: Sequence[ShownSetting]) -> str:
    """Return which settings come from where; those of one file stand together."""
    by_place: dict[str, list[str]] = {}
    for setting in shown:
        place = setting.origin.removeprefix(f"{setting.name} in ")
        by_place.setdefault(place, []).append(setting.name)
    return "; ".join(f"{', '.join(names)} from {place}" for place, names in by_place.items())


def _line(setting: ShownSetting) -> str:
    value = "(not shown)" if setting.value is None else setting.value
    return f"{setting.name} = {value}  {setting.origin}"

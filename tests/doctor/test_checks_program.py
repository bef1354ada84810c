"""The program and its settings."""

from pathlib import Path

import pytest

from okhook.config.layers import environment_layer, flag_layer
from okhook.config.settings import Settings, ShownSetting
from okhook.doctor.check import Outcome
from okhook.doctor.checks_program import check_program, check_settings
from okhook.errors import ConfigurationError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("python", "requires", "outcome"),
    [
        ((3, 11, 0), ">=3.11", Outcome.OK),
        ((3, 14, 1), ">=3.11", Outcome.OK),
        ((3, 10, 9), ">=3.11", Outcome.FAILED),
        ((3, 10, 9), None, Outcome.OK),
    ],
)
async def test_python_below_the_packages_floor_fails(
    python: tuple[int, int, int], requires: str | None, outcome: Outcome
) -> None:
    """Where the package's metadata says none, nothing is guessed."""
    found = await check_program("1.2.3", python, requires)
    assert found.outcome is outcome
    assert "okhook 1.2.3" in found.detail


async def test_each_setting_is_told_with_its_origin_and_no_secret() -> None:
    """The value of a secret one is never shown."""
    layers = [
        flag_layer({"org": "sandbox"}),
        environment_layer({"OKHOOK_TOKEN": "00secret", "OKHOOK_PORT": "1400"}),
    ]
    found = await check_settings([Path("/home/jo/okhook.toml")], Settings(layers).shown(), None)
    assert found.outcome is Outcome.OK
    assert "org = sandbox  --org" in found.facts
    assert "token = (not shown)  OKHOOK_TOKEN" in found.facts
    assert "/home/jo/okhook.toml" in found.detail
    assert "00secret" not in str(found)


async def test_the_settings_of_one_file_are_told_together() -> None:
    """The name of each stands there once, and the file once."""
    shown = [
        ShownSetting("port", "1400", "port in ./okhook.toml"),
        ShownSetting("token", None, "OKHOOK_TOKEN"),
        ShownSetting("path", "/hook", "path in ./okhook.toml"),
    ]
    found = await check_settings([], shown, None)
    assert found.detail == (
        "port, path from ./okhook.toml; token from OKHOOK_TOKEN; no settings file"
    )


async def test_settings_that_cannot_be_read_fail_with_what_mends_them() -> None:
    """As the command itself would end."""
    fault = ConfigurationError("./okhook.toml is not TOML", why="line 1", next_step="mend it")
    found = await check_settings([], [], fault)
    assert (found.outcome, found.detail, found.facts, found.remedy) == (
        Outcome.FAILED,
        "./okhook.toml is not TOML",
        ("line 1",),
        "mend it",
    )

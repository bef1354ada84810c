"""Who may be written to without a question."""

from pathlib import Path

import pytest

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.prompts import agree_to_write
from okhook.config.layers import load_settings
from okhook.config.settings import Output
from okhook.errors import ConfigurationError, InvalidInput
from okhook.runtime.service_manager import ServiceManager
from okhook.wire.org import parse_org
from tests.support.flags import flag_layer
from tests.support.in_process import run_okhook


def context(directory: Path, toml: str = "", **environ: str) -> Context:
    (directory / "user.toml").write_text(toml)
    own = str(directory / "user.toml")
    home = {"OKHOOK_HOME": str(directory), "OKHOOK_CONFIG": own, **environ}
    settings = load_settings(flag_layer({}), home, directory)
    return Context(settings, Console(output=Output.JSON, quiet=True), home, ServiceManager())


@pytest.mark.parametrize("org", ["http://127.0.0.1:9000", "localhost:9000", "dev-123.okta.com"])
@pytest.mark.parametrize(
    "listed", ["dev-123.okta.com", "https://dev-123.okta.com/", "dev-123-admin.okta.com"]
)
def test_a_sandbox_and_a_test_org_are_written_to(tmp_path: Path, org: str, listed: str) -> None:
    """However the org is spelled in the settings."""
    agree_to_write(context(tmp_path, f'test_orgs = ["{listed}"]'), parse_org(org), "do it")
    agree_to_write(
        context(tmp_path, OKHOOK_TEST_ORGS=f"a.okta.com,{listed}"), parse_org(org), "do it"
    )


def test_any_other_org_needs_a_confirmation(tmp_path: Path) -> None:
    """Without a terminal, the error explains how to agree in advance."""
    with pytest.raises(InvalidInput, match="cannot ask for confirmation") as caught:
        agree_to_write(
            context(tmp_path, 'test_orgs = ["a.okta.com"]'), parse_org("b.okta.com"), "do it"
        )
    assert "not marked as a test org" in str(caught.value.why)
    assert "--yes" in str(caught.value.next_step)


def test_bytes_that_are_not_utf_8_are_no_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may paste anything."""
    monkeypatch.setattr(Console, "asks", True)
    done = run_okhook("check", "http://192.0.2.1/", home=tmp_path, stdin=b"\xffy\n")
    assert (done.returncode, "nothing was sent" in done.stderr) == (1, True), done.stderr


def test_an_invalid_list_of_test_orgs_is_an_error(tmp_path: Path) -> None:
    """A typo in the settings must not count as a no."""
    with pytest.raises(ConfigurationError, match=r"test_orgs in .*user\.toml"):
        agree_to_write(
            context(tmp_path, 'test_orgs = ["{yourOktaDomain}"]'), parse_org("b.c"), "it"
        )

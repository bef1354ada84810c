"""The org, its clock, and what opens it."""

from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from okhook.config.setting import Setting
from okhook.doctor.check import Outcome
from okhook.doctor.checks_org import check_clock, check_org, judged_credential
from okhook.doctor.facts import call_org
from okhook.errors import Unavailable
from okhook.http.client import Answer, HttpClient
from okhook.okta.auth.credential import SswsCredential
from okhook.okta.permissions import Permission
from okhook.runtime.run_files import RunDirectory, SandboxRun
from okhook.secret import Secret
from okhook.wire.org import Org
from tests.doctor.hooks import NOW, facts, with_setup
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port

pytestmark = pytest.mark.anyio

REFUSED = b'{"errorCode": "E0000011", "errorSummary": "Invalid token provided"}'


async def asked(org: Org, *, timeout_s: float = PATIENCE_S, proxy: str | None = None) -> Answer:
    async with HttpClient(user_agent="okhook/tests") as http:
        return await call_org(http, org, proxy, timeout_s=timeout_s)


async def test_an_org_that_refuses_a_call_without_credential_is_there() -> None:
    """Okta's own refusal is what proves that Okta answers; no credential goes along."""
    seen: list[Asked] = []

    def refusing(request: Asked) -> bytes:
        seen.append(request)
        return answer(401, REFUSED)

    with answering_server(refusing) as server:
        org = Org(f"http://127.0.0.1:{server.port}")
        heard = await asked(org)
    setup = with_setup(org=Setting(org, "--org"))
    found = await check_org(facts(setup, org_answer=(heard, NOW)))
    assert found.outcome is Outcome.OK
    assert "directly" in found.detail
    assert seen[0].header("authorization") is None


async def test_somebody_else_who_answers_is_named() -> None:
    """A portal's page at the org's address is not Okta."""
    page = b"<html><title>Sign in to Corp Wi-Fi</title>"
    with (
        answering_server(lambda _: answer(200, page, "Content-Type: text/html")) as server,
        pytest.raises(Unavailable) as raised,
    ):
        await asked(Org(f"http://127.0.0.1:{server.port}"))
    assert "did not come from Okta" in raised.value.what
    assert "Corp Wi-Fi" in (raised.value.why or "")


async def test_an_org_that_cannot_be_reached_is_told_apart() -> None:
    """Nobody listens; nobody answers; no such name."""
    with pytest.raises(Unavailable, match="no connection"):
        await asked(Org(f"http://127.0.0.1:{free_port()}"))
    with (
        answering_server(lambda _: SILENCE) as server,
        pytest.raises(Unavailable, match="timeout"),
    ):
        await asked(Org(f"http://127.0.0.1:{server.port}"), timeout_s=0.1)
    with pytest.raises(Unavailable, match="without a proxy: name not found"):
        await asked(Org("https://nobody.invalid"), proxy=None)


async def test_behind_a_proxy_that_is_what_is_to_be_checked_first() -> None:
    """A name that is not found may well be the proxy's own."""
    with pytest.raises(Unavailable, match="through the proxy http://gone:3128") as raised:
        await asked(Org("https://nobody.invalid"), proxy="http://gone:3128")
    assert "check the proxy http://gone:3128" in (raised.value.next_step or "")


async def test_where_a_sandbox_runs_it_can_be_named(tmp_path: Path) -> None:
    """With the command; elsewhere only how an org is named."""
    run_directory = RunDirectory(tmp_path)
    unset = facts(with_setup(org=None, run_directory=run_directory))
    assert "sandbox" not in ((await check_org(unset)).remedy or "")
    with run_directory.own("sandbox-9000") as sandbox:
        sandbox.write(SandboxRun("http://127.0.0.1:9000", "t"))
        found = await check_org(unset)
    assert found.outcome is Outcome.SKIPPED
    assert "okhook doctor --org sandbox" in (found.remedy or "")


@pytest.mark.parametrize(
    ("apart_s", "outcome"),
    [
        (0, Outcome.OK),
        (29, Outcome.OK),
        (-31, Outcome.WARNING),
        (299, Outcome.WARNING),
        (301, Outcome.FAILED),
        (-4000, Outcome.FAILED),
    ],
)
async def test_the_clock_is_held_against_the_orgs(apart_s: int, outcome: Outcome) -> None:
    """Half a minute is told, five minutes fail; which way it is wrong is said."""
    heard = Answer(401, (("Date", format_datetime(NOW, usegmt=True)),), b"", 0.01)
    found = await check_clock(facts(org_answer=(heard, NOW + timedelta(seconds=apart_s))))
    assert found.outcome is outcome
    if outcome is not Outcome.OK:
        assert ("ahead of" if apart_s > 0 else "behind") in found.detail


async def test_an_answer_without_a_date_says_nothing_of_the_clock() -> None:
    """It is left out and not taken for right."""
    found = await check_clock(facts(org_answer=(Answer(401, (), b"", 0.01), NOW)))
    assert found.outcome is Outcome.SKIPPED


def permissions_without(refused: tuple[str, ...]) -> tuple[Permission, ...]:
    return tuple(
        Permission(resource, resource not in refused, "no permission", None)
        for resource in ("event hooks", "System Log", "users")
    )


@pytest.mark.parametrize(
    ("refused", "outcome"),
    [
        ((), Outcome.OK),
        (("users",), Outcome.OK),
        (("System Log",), Outcome.WARNING),
        (("event hooks", "System Log"), Outcome.FAILED),
    ],
)
def test_a_credential_must_be_allowed_what_a_hook_needs(
    refused: tuple[str, ...], outcome: Outcome
) -> None:
    """Event hooks are a must, the System Log helps, users matter to `trigger` alone."""
    credential = SswsCredential(Secret("00token"), "OKHOOK_TOKEN")
    found = judged_credential(credential, permissions_without(refused), None)
    assert found.outcome is outcome
    assert "OKHOOK_TOKEN" in found.detail
    assert "00token" not in str(found)


@pytest.mark.parametrize(
    ("refused", "granted", "outcome", "remedy"),
    [
        ((), ("okta.eventHooks.read", "okta.eventHooks.manage"), Outcome.OK, None),
        ((), ("okta.eventHooks.read",), Outcome.WARNING, "grant okta.eventHooks.manage"),
        (("System Log",), ("okta.eventHooks.manage",), Outcome.WARNING, "grant okta.logs.read"),
        (("event hooks",), (), Outcome.FAILED, "grant okta.eventHooks.read"),
        (("event hooks",), ("okta.eventHooks.manage",), Outcome.FAILED, "super admin"),
    ],
)
def test_an_app_is_told_which_scope_it_lacks_before_its_role(
    refused: tuple[str, ...],
    granted: tuple[str, ...],
    outcome: Outcome,
    remedy: str | None,
) -> None:
    """A role mends nothing as long as the scope is missing; who manages may read."""
    credential = SswsCredential(Secret("00token"), "OKHOOK_CLIENT_ID")
    found = judged_credential(credential, permissions_without(refused), granted)
    assert found.outcome is outcome
    assert (remedy or "") in (found.remedy or "")
    assert (remedy is None) == (found.remedy is None)

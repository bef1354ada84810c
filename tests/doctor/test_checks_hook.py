"""The hook: its state, and where its URL leads."""

from dataclasses import replace
from pathlib import Path

import pytest

from okhook.config.setting import Setting
from okhook.doctor.check import Finding, Outcome
from okhook.doctor.checks_hook import check_hook, check_url
from okhook.doctor.facts import Facts
from okhook.doctor.secret_evidence import SecretEvidence
from okhook.doctor.setup import Setup
from okhook.okta.event_hooks import EventHook
from okhook.runtime.run_files import ReceiverRun, RunDirectory, TunnelRun
from okhook.runtime.running_here import RunningHere
from okhook.tunnel.past_tunnels import note_url
from tests.doctor.hooks import LOCAL_ORG, NOW, SETUP, URL, commands, facts, hook, with_setup

pytestmark = pytest.mark.anyio

LOCAL = "http://127.0.0.1:1337/okta-webhooks-endpoint"
NO_EVIDENCE = SecretEvidence(None, None, is_of_this_run=False, canary=None)
NAMED = Setting(URL, "OKHOOK_URL")


def here(*tunnels: str, receivers: tuple[str, ...] = ()) -> RunningHere:
    return RunningHere(
        tuple(ReceiverRun(url, 1337, pid=42) for url in receivers),
        tuple(TunnelRun(port=1337, path="/hook", webhook_url=url, pid=43) for url in tunnels),
    )


async def url_check(which: EventHook, setup: Setup = SETUP) -> Finding:
    return await check_url(facts(setup, hook=which))


def sound(which: EventHook) -> Facts:
    """Return facts by which nothing but the hook itself is wrong."""
    return facts(with_setup(running=here(which.url)), hook=which, secret_evidence=NO_EVIDENCE)


@pytest.mark.parametrize(
    ("status", "verification", "remedy"),
    [
        ("ACTIVE", "VERIFIED", None),
        ("ACTIVE", "UNVERIFIED", "okhook hooks verify who1"),
        ("INACTIVE", "VERIFIED", "okhook hooks activate who1"),
    ],
)
async def test_a_hook_that_receives_nothing_fails_with_what_mends_it(
    status: str, verification: str, remedy: str | None
) -> None:
    """ACTIVE but UNVERIFIED looks well in the Admin Console, and receives nothing."""
    found = await check_hook(sound(hook(status=status, verification=verification)))
    assert found.remedy == remedy
    assert (found.outcome is Outcome.OK) == (remedy is None)


@pytest.mark.parametrize(
    ("url", "setup"),
    [
        (URL, with_setup(running=here(URL))),
        (URL, with_setup(url=NAMED)),
        (LOCAL, with_setup(running=here(receivers=(LOCAL,)))),
        (LOCAL, with_setup(running=here(URL, receivers=(LOCAL,)))),
    ],
)
async def test_a_url_that_leads_here_is_sound(url: str, setup: Setup) -> None:
    """By the tunnel, by what is set, or straight to the receiver."""
    assert (await url_check(hook(url=url), setup)).outcome is Outcome.OK


async def test_an_unverified_hook_says_what_must_be_mended_first() -> None:
    """Okta cannot verify a hook that leads elsewhere, however often it is asked to."""
    unverified = hook(verification="UNVERIFIED")
    evidence = replace(NO_EVIDENCE, written=False)
    found = await check_hook(facts(hook=unverified, secret_evidence=evidence))
    first, then = (found.remedy or "").splitlines()
    assert "url, secret" in first
    assert then == "okhook hooks verify who1"


async def test_a_url_that_leads_elsewhere_fails_with_the_edit_that_mends_it() -> None:
    """The tunnel got another URL, and the hook still has the old one; its secret goes along."""
    running = here("https://hkdk.events/new")
    edit = "okhook hooks edit who1 --url https://hkdk.events/new"
    open_to_all = await url_check(hook(auth_field=None), with_setup(running=running))
    assert (open_to_all.outcome, open_to_all.remedy) == (Outcome.FAILED, edit)
    secret = commands("--auth-secret-file", "my secret")
    found = await url_check(hook(), with_setup(running=running, commands=secret))
    assert found.remedy == f"{edit} --auth-secret-file 'my secret'"


async def test_an_org_elsewhere_is_not_sent_to_this_machines_loopback() -> None:
    """A receiver's own address mends nothing where the org cannot call it."""
    running = here(receivers=(LOCAL,))
    in_the_cloud = await url_check(hook(), with_setup(running=running))
    assert in_the_cloud.outcome is Outcome.FAILED
    assert LOCAL not in f"{in_the_cloud}"
    on_this_machine = await url_check(hook(), with_setup(running=running, org=LOCAL_ORG))
    assert LOCAL in (on_this_machine.remedy or "")


@pytest.mark.parametrize(
    ("url", "was_ours", "detail", "remedy"),
    [
        (URL, True, "a tunnel that no longer runs", "okhook tunnel"),
        (URL, False, "okhook does not know which machine", f"okhook doctor --url {URL}"),
        (LOCAL, False, "a port on which nothing runs", "okhook serve --port 1337"),
        (
            "http://localhost:9/other",
            False,
            "a port on which nothing runs",
            "okhook serve --port 9 --path /other",
        ),
        ("https://[bad", False, "okhook does not know which machine", "okhook up"),
    ],
)
async def test_a_url_where_nothing_runs_fails(
    tmp_path: Path, url: str, was_ours: bool, detail: str, remedy: str
) -> None:
    """What has to be started is said, as it can be typed."""
    run_directory = RunDirectory(tmp_path / "run")
    if was_ours:
        note_url(run_directory, url, NOW)
    found = await url_check(hook(url=url), with_setup(run_directory=run_directory))
    assert found.outcome is Outcome.FAILED
    assert detail in found.detail
    assert remedy in (found.remedy or "").splitlines()


@pytest.mark.parametrize(
    ("setup", "making"),
    [
        (with_setup(running=here(URL, receivers=(LOCAL,)), org=LOCAL_ORG), "okhook register"),
        (with_setup(url=NAMED), "okhook register"),
        (with_setup(url=Setting(URL, "--url")), f"okhook register --url {URL}"),
        (
            with_setup(running=here(receivers=(LOCAL,)), org=LOCAL_ORG),
            f"okhook register --url {LOCAL}",
        ),
        (with_setup(running=here(receivers=(LOCAL,))), "okhook up"),
    ],
)
def test_a_missing_hook_is_made_by_a_command_that_has_all_it_needs(
    setup: Setup, making: str
) -> None:
    """`register` finds a tunnel's URL by itself, and needs any other; without one there is `up`."""
    assert setup.making_a_hook() == making


def test_for_an_org_on_this_machine_no_tunnel_is_asked_for() -> None:
    """A receiver is enough, and the hook that leads to it."""
    serve, _, register = with_setup(org=LOCAL_ORG).making_a_hook().splitlines()
    assert serve == "okhook serve --port 1337"
    assert register == f"okhook register --url {LOCAL}"


async def test_without_a_hook_there_is_no_url() -> None:
    """The hook's own check says that it is missing."""
    assert (await check_url(facts(hook=None))).outcome is Outcome.SKIPPED

"""The hook: its state, and where its URL leads."""

import pytest

from okhook.config.setting import Setting
from okhook.doctor.check import Outcome
from okhook.doctor.checks_hook import UrlsHere, check_hook, check_url, making_a_hook
from okhook.doctor.place import Place
from tests.doctor.hooks import COMMANDS, PLACE, URL, commands, hook

pytestmark = pytest.mark.anyio

NOWHERE = UrlsHere()
LOCAL = "http://127.0.0.1:1337/okta-webhooks-endpoint"


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
    found = await check_hook(hook(status=status, verification=verification), (), COMMANDS)
    assert found.remedy == remedy
    assert (found.outcome is Outcome.OK) == (remedy is None)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        (URL, UrlsHere(tunnels=(URL,))),
        (URL, UrlsHere(named=Setting(URL, "OKHOOK_URL"))),
        (LOCAL, UrlsHere(receivers=(LOCAL,))),
        (LOCAL, UrlsHere(tunnels=(URL,), receivers=(LOCAL,))),
    ],
)
async def test_a_url_that_leads_here_is_sound(url: str, here: UrlsHere) -> None:
    """By the tunnel, by what is set, or straight to the receiver."""
    assert (await check_url(hook(url=url), here, COMMANDS)).outcome is Outcome.OK


async def test_an_unverified_hook_says_what_must_be_mended_first() -> None:
    """Okta cannot verify a hook that leads elsewhere, however often it is asked to."""
    unverified = hook(verification="UNVERIFIED")
    found = await check_hook(unverified, ["url", "secret"], COMMANDS)
    first, then = (found.remedy or "").splitlines()
    assert "url, secret" in first
    assert then == "okhook hooks verify who1"


async def test_a_url_that_leads_elsewhere_fails_with_the_edit_that_mends_it() -> None:
    """The tunnel got another URL, and the hook still has the old one; its secret goes along."""
    here = UrlsHere(tunnels=("https://hkdk.events/new",), past=frozenset({URL}))
    edit = "okhook hooks edit who1 --url https://hkdk.events/new"
    open_to_all = await check_url(hook(auth_field=None), here, COMMANDS)
    assert (open_to_all.outcome, open_to_all.remedy) == (Outcome.FAILED, edit)
    secret = commands("--auth-secret-file", "my secret")
    found = await check_url(hook(), here, secret)
    assert found.remedy == f"{edit} --auth-secret-file 'my secret'"


async def test_an_org_elsewhere_is_not_sent_to_this_machines_loopback() -> None:
    """A receiver's own address mends nothing where the org cannot call it."""
    in_the_cloud = await check_url(hook(), UrlsHere(receivers=(LOCAL,)), COMMANDS)
    assert in_the_cloud.outcome is Outcome.FAILED
    assert LOCAL not in f"{in_the_cloud}"
    on_this_machine = UrlsHere(receivers=(LOCAL,), reachable=(LOCAL,))
    assert LOCAL in ((await check_url(hook(), on_this_machine, COMMANDS)).remedy or "")


@pytest.mark.parametrize(
    ("url", "past", "detail", "remedy"),
    [
        (URL, frozenset({URL}), "a tunnel that is gone", "okhook tunnel"),
        (URL, frozenset[str](), "nothing that is known here", f"okhook doctor --url {URL}"),
        (LOCAL, frozenset[str](), "nothing that runs here", "okhook serve --port 1337"),
        (
            "http://localhost:9/other",
            frozenset[str](),
            "nothing that runs here",
            "okhook serve --port 9 --path /other",
        ),
        ("https://[bad", frozenset[str](), "nothing that is known here", "okhook up"),
    ],
)
async def test_a_url_where_nothing_runs_fails(
    url: str, past: frozenset[str], detail: str, remedy: str
) -> None:
    """What has to be started is said, as it can be typed."""
    found = await check_url(hook(url=url), UrlsHere(past=past), COMMANDS)
    assert found.outcome is Outcome.FAILED
    assert detail in found.detail
    assert remedy in (found.remedy or "").splitlines()


@pytest.mark.parametrize(
    ("here", "place", "making"),
    [
        (UrlsHere(tunnels=(URL,), reachable=(LOCAL,)), PLACE, "okhook register"),
        (UrlsHere(named=Setting(URL, "OKHOOK_URL")), None, "okhook register"),
        (UrlsHere(named=Setting(URL, "--url")), None, f"okhook register --url {URL}"),
        (UrlsHere(receivers=(LOCAL,), reachable=(LOCAL,)), PLACE, f"okhook register --url {LOCAL}"),
        (UrlsHere(receivers=(LOCAL,)), None, "okhook up"),
    ],
)
def test_a_missing_hook_is_made_by_a_command_that_has_all_it_needs(
    here: UrlsHere, place: Place | None, making: str
) -> None:
    """`register` finds a tunnel's URL by itself, and needs any other; without one there is `up`."""
    assert making_a_hook(here, place, COMMANDS) == making


def test_for_an_org_on_this_machine_no_tunnel_is_asked_for() -> None:
    """A receiver is enough, and the hook that leads to it."""
    serve, _, register = making_a_hook(UrlsHere(), PLACE, COMMANDS).splitlines()
    assert serve == "okhook serve --port 1337"
    assert register == f"okhook register --url {LOCAL}"


async def test_without_a_hook_there_is_no_url() -> None:
    """The hook's own check says that it is missing."""
    assert (await check_url(None, NOWHERE, COMMANDS)).outcome is Outcome.SKIPPED

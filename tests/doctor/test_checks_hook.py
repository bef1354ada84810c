"""The hook: its state, and where its URL leads."""

import pytest

from okhook.config.settings import Setting
from okhook.doctor.check import Outcome
from okhook.doctor.checks_hook import UrlsHere, check_hook, check_url
from tests.doctor.hooks import URL, command, hook

pytestmark = pytest.mark.anyio

NOWHERE = UrlsHere((), None, (), frozenset())
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
    found = await check_hook(hook(status=status, verification=verification), command)
    assert found.remedy == remedy
    assert (found.outcome is Outcome.OK) == (remedy is None)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        (URL, UrlsHere((URL,), None, (), frozenset())),
        (URL, UrlsHere((), Setting(URL, "OKHOOK_URL"), (), frozenset())),
        (LOCAL, UrlsHere((), None, (LOCAL,), frozenset())),
        (LOCAL, UrlsHere((URL,), None, (LOCAL,), frozenset())),
    ],
)
async def test_a_url_that_leads_here_is_sound(url: str, here: UrlsHere) -> None:
    """By the tunnel, by what is set, or straight to the receiver."""
    assert (await check_url(hook(url=url), here, command)).outcome is Outcome.OK


async def test_a_url_that_leads_elsewhere_fails_with_the_edit_that_mends_it() -> None:
    """The tunnel got another URL, and the hook still has the old one."""
    here = UrlsHere(("https://hkdk.events/new",), None, (), frozenset({URL}))
    found = await check_url(hook(), here, command)
    assert found.outcome is Outcome.FAILED
    assert found.remedy == "okhook hooks edit who1 --url https://hkdk.events/new"


@pytest.mark.parametrize(
    ("url", "past", "words"),
    [
        (URL, frozenset({URL}), "a tunnel that is gone"),
        (URL, frozenset[str](), "nothing that runs here"),
        (LOCAL, frozenset[str](), "okhook serve"),
    ],
)
async def test_a_url_where_nothing_runs_fails(url: str, past: frozenset[str], words: str) -> None:
    """What has to be started is said."""
    found = await check_url(hook(url=url), UrlsHere((), None, (), past), command)
    assert found.outcome is Outcome.FAILED
    assert words in f"{found.detail} {found.remedy}"


async def test_without_a_hook_there_is_no_url() -> None:
    """The hook's own check says that it is missing."""
    assert (await check_url(None, NOWHERE, command)).outcome is Outcome.SKIPPED

"""The URL that a hook gets when none is named."""

import pytest

from okhook.errors import InvalidInput
from okhook.okta.hook_choice import url_here
from okhook.runtime.run_files import ReceiverRun, TunnelRun
from okhook.runtime.running_here import RunningHere
from okhook.wire.org import Org

OKTA = Org("https://dev-1.okta.com")
SANDBOX = Org("http://127.0.0.1:8137")
USUAL = "http://127.0.0.1:1337/hook"
HERE = "http://127.0.0.1:4000/hook"
TUNNEL = "https://hkdk.events/abc"


def running(tunnels: tuple[str, ...], receivers: tuple[str, ...]) -> RunningHere:
    return RunningHere(
        tunnels=tuple(TunnelRun(webhook_url=url) for url in tunnels),
        receivers=tuple(ReceiverRun(url, 1) for url in receivers),
    )


def test_a_tunnel_goes_first_and_an_org_on_this_machine_needs_none() -> None:
    """What Okta cannot reach is no default for it."""
    assert url_here(OKTA, running((TUNNEL,), (HERE,)), USUAL) == TUNNEL
    assert url_here(SANDBOX, running((TUNNEL,), (HERE,)), USUAL) == TUNNEL
    assert url_here(SANDBOX, running((), (HERE,)), USUAL) == HERE


@pytest.mark.parametrize(
    ("org", "tunnel_urls", "receiver_urls", "what", "remedy"),
    [
        (OKTA, (), (HERE,), "no tunnel is running", "okhook tunnel"),
        (OKTA, (TUNNEL, "https://b/"), (), "2 tunnels are running", "--url"),
        (
            SANDBOX,
            (),
            (),
            "no receiver is running",
            f"--url {USUAL}, or in another terminal run okhook serve",
        ),
        (SANDBOX, (), (HERE, USUAL), "2 receivers are running", "--url"),
    ],
)
def test_none_and_several_are_refused_with_what_to_do(
    org: Org, tunnel_urls: tuple[str, ...], receiver_urls: tuple[str, ...], what: str, remedy: str
) -> None:
    """An org on this machine is never told to start a tunnel."""
    with pytest.raises(InvalidInput) as caught:
        url_here(org, running(tunnel_urls, receiver_urls), USUAL)
    assert what in caught.value.what
    assert remedy in str(caught.value.next_step)
    assert ("tunnel" in str(caught.value.next_step)) == (org is OKTA and not tunnel_urls)

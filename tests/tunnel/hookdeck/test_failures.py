"""Which last lines of Hookdeck mean that a restart cannot help."""

import pytest

from okhook.tunnel.hookdeck.failures import KEPT, LastWords

UNKNOWN_FLAG = "Hookdeck does not accept its arguments"
REFUSED_KEY = "Hookdeck refused the key"
REJECTED = "Hookdeck rejected the request"


def words(*lines: str) -> LastWords:
    said = LastWords()
    said.extend(lines)
    return said


def lasting_fault(said: LastWords) -> str | None:
    fault = said.lasting_fault(1)
    return fault.what if fault else None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("unknown flag: --nosuchflag", UNKNOWN_FLAG),
        ("unknown shorthand flag: 'z' in -z", UNKNOWN_FLAG),
        ('invalid argument "x" for "--max-connections" flag', UNKNOWN_FLAG),
        ("Authentication failed: your API key is invalid or expired.", REFUSED_KEY),
        ("could not authenticate with HOOKDECK_API_KEY: error: unexpected", REFUSED_KEY),
        ('401: {"handled":true,"status":401}', REFUSED_KEY),
        ("error: unexpected http status code: 404, raw response body: Not Found", REJECTED),
        ('422: {"handled":true,"status":422}', REJECTED),
        ('Get "https://api/sources": dial tcp: lookup api: no such host', None),
        ('Get "http://127.0.0.1:9/x": dial tcp 127.0.0.1:9: connect: connection refused', None),
        ("could not authenticate with HOOKDECK_API_KEY: Post: dial tcp: no such host", None),
        ('503: {"status":503}', None),
        ('429: {"status":429}', None),
        ('408: {"status":408}', None),
        ("error while authenticating with Hookdeck: error: no session today", None),
        ("something else", None),
    ],
)
def test_the_fault_in_a_line(line: str, fault: str | None) -> None:
    """Bad flags, refused keys and rejected requests are lasting; network errors are not."""
    assert lasting_fault(words(line)) == fault


@pytest.mark.parametrize(
    ("line", "outage"),
    [
        (
            'Post "https://api.hookdeck.com/x": dial tcp: lookup api.hookdeck.com: no such host',
            "api.hookdeck.com: no such host",
        ),
        (
            "dial tcp: lookup api.hookdeck.com on 127.0.0.53:53: server misbehaving",
            "api.hookdeck.com: server misbehaving",
        ),
        (
            "dial tcp: lookup a.b on [::1]:53: read udp 127.0.0.1:5->[::1]:53: i/o timeout",
            "a.b: i/o timeout",
        ),
        (
            '  Get "https://a.b/x": dial tcp 192.0.2.1:443: connect: connection refused',
            "192.0.2.1:443: connection refused",
        ),
        ("dial tcp [2606::1]:443: i/o timeout", "[2606::1]:443: i/o timeout"),
        ("dial tcp 127.0.0.1:1337: connect: connection refused", None),
        ("dial tcp [::1]:1337: connect: connection refused", None),
        ("could not authenticate: Post: dial tcp: no such host", None),
        ("something else", None),
    ],
)
def test_the_outage_names_host_and_error(line: str, outage: str | None) -> None:
    """Go's error message has both, even if other lines follow."""
    assert words(line, "well...").outage == outage


def test_the_newest_recognised_line_decides() -> None:
    """An old network error does not hide a newer refused key, nor the reverse."""
    network = "  dial tcp 127.0.0.1:1337: connect: connection refused"
    refused = "Authentication failed: your API key is invalid or expired."
    assert lasting_fault(words(network, refused, "Sign in again")) == REFUSED_KEY
    assert lasting_fault(words(refused, network, "Sign in again")) is None


@pytest.mark.parametrize("exit_code", [0, -9, None])
def test_a_signal_or_success_is_never_final(exit_code: int | None) -> None:
    """A child that something else ended can be restarted."""
    assert words("unknown flag: --x").lasting_fault(exit_code) is None


def test_only_the_newest_lines_are_kept() -> None:
    """The output of many days does not fill the memory."""
    said = words(*(f"line {number}" for number in range(100)))
    assert said.text.splitlines() == [f"line {number}" for number in range(100 - KEPT, 100)]
    assert said.reason(1) == "line 99"

"""Which last lines of Hookdeck mean that a restart cannot help."""

import pytest

from okhook.tunnel.hookdeck.failures import KEPT, RecentOutput

UNKNOWN_FLAG = "Hookdeck does not accept its arguments"
REFUSED_KEY = "Hookdeck refused the key"
REJECTED = "Hookdeck rejected the request"


def words(*lines: str) -> RecentOutput:
    said = RecentOutput()
    said.extend(lines)
    return said


def lasting_fault(said: RecentOutput) -> str | None:
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
            "api.hookdeck.com: no such host (DNS)",
        ),
        (
            "dial tcp: lookup api.hookdeck.com on 127.0.0.53:53: server misbehaving",
            "api.hookdeck.com: server misbehaving (DNS)",
        ),
        (
            "dial tcp: lookup a.b on [::1]:53: read udp 127.0.0.1:5->[::1]:53: i/o timeout",
            "a.b: i/o timeout (DNS)",
        ),
        (
            '  Get "https://a.b/x": dial tcp 192.0.2.1:443: connect: connection refused',
            "a.b: connection refused",
        ),
        ("dial tcp [2606::1]:443: i/o timeout", "[2606::1]:443: i/o timeout"),
        ("dial tcp 127.0.0.1:1337: connect: connection refused", None),
        ("dial tcp [::1]:1337: connect: connection refused", None),
        ("could not authenticate: Post: dial tcp: no such host", None),
        (
            'Post "https://a.b/x": proxyconnect tcp: dial tcp 127.0.0.1:9: connect: refused',
            "a.b through the proxy 127.0.0.1:9: refused",
        ),
        (
            'Post "https://a.b/x": proxyconnect tcp: dial tcp: lookup proxy.x: no such host',
            "a.b through the proxy proxy.x: no such host (DNS)",
        ),
        (
            'Get "https://a.b/x": socks connect tcp 127.0.0.1:9->a.b:443: dial tcp 127.0.0.1:9: no',
            "a.b through the proxy 127.0.0.1:9: no",
        ),
        ('Post "https://u:p@a.b/x": Forbidden', "a.b: the proxy returned Forbidden"),
        (
            'Get "https://a.b:1/x": tls: failed to verify certificate: x509: signed by unknown',
            "a.b:1: signed by unknown (TLS)",
        ),
        (
            'Get "https://a.b/x": net/http: TLS handshake timeout',
            "a.b: TLS handshake timeout (TLS)",
        ),
        (
            'Get "https://a.b/x": http: server gave HTTP response to HTTPS client',
            "a.b: server gave HTTP response to HTTPS client (TLS)",
        ),
        (
            'time="now" error="Get "https://a.b/x": dial tcp: lookup a.b: no" method=GET url="u"',
            "a.b: no (DNS)",
        ),
        (
            "Could not connect. Terminating. Last error: dial tcp 127.0.0.1:9: connect: refused",
            "the web socket of its cloud: refused",
        ),
        ("something else", None),
    ],
)
def test_the_outage_names_host_and_error_field_08(line: str, outage: str | None) -> None:
    """DNS, the proxy or TLS: Go's error message has it, even if other lines follow."""
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


PANIC = "panic: runtime error: invalid memory address or nil pointer dereference"
NODE = "Error: Cannot find module '/x/hookdeck.js'"


@pytest.mark.parametrize(
    ("lines", "code", "reason"),
    [
        ([PANIC, "", "goroutine 1 [running]:", *["\t/x/main.go:1 +0x1"] * 50], 2, PANIC),
        (
            ["node:internal:1", "  throw err;", NODE, "    at Module (x.js:1)", "Node.js v20"],
            1,
            NODE,
        ),
        (["the session ended, goodbye"], 0, "the session ended, goodbye"),
        (["dial tcp: lookup a.b: no", "one", "two", "broken"], 1, "broken"),
        (["broken", 'level=error prefix="hookdeckcli.ADDITIONAL_INFO"'], 1, "broken"),
        (["fatal error: all goroutines are asleep - deadlock!", "x"], 2, "fatal error: all gorou"),
    ],
)
def test_the_reason_is_the_line_that_matters_field_08(
    lines: list[str], code: int, reason: str
) -> None:
    """The first line of a crash, however long its trace; else the last that says something."""
    said = RecentOutput()
    for line in lines:
        said.hear(line)
    assert said.reason(code).startswith(reason)


def test_the_error_for_a_crash_is_its_line_field_08() -> None:
    """Not the end of a trace, and not a remedy for the network."""
    said = RecentOutput()
    for line in [PANIC, *["\t/x/main.go:1 +0x1"] * 50]:
        said.hear(line)
    error = said.no_webhook_url(60)
    assert error.what == "Hookdeck printed no webhook URL within 60 s"
    assert error.why == f"Hookdeck crashed: {PANIC}"
    assert "another version" in (error.next_step or "")

"""Which proxy is used for a URL."""

import pytest

from okhook.http.proxies import proxy_of, without_login

ORG = "https://dev-1.okta.com"
PROXY = "http://proxy.corp:3128"


@pytest.mark.parametrize(
    ("url", "proxies", "expected"),
    [
        (ORG, {}, None),
        (ORG, {"https": PROXY}, PROXY),
        (ORG, {"all": PROXY}, PROXY),
        (ORG, {"http": PROXY}, None),
        (ORG, {"https": "proxy.corp:3128"}, PROXY),
        (ORG, {"https": PROXY, "no": "other.example, okta.com"}, None),
        (ORG, {"https": PROXY, "no": ".okta.com"}, None),
        (ORG, {"https": PROXY, "no": "*.okta.com"}, None),
        (ORG, {"https": PROXY, "no": "dev-1.okta.com"}, None),
        (ORG, {"https": PROXY, "no": "v-1.okta.com"}, PROXY),
        (ORG, {"https": PROXY, "no": "*"}, None),
        (ORG, {"https": PROXY, "no": "other.example,"}, PROXY),
        ("http://127.0.0.1:8080", {"http": PROXY, "all": PROXY}, None),
    ],
)
def test_the_proxy_is_the_environments(
    url: str, proxies: dict[str, str], expected: str | None
) -> None:
    """By the scheme of the URL, and never for this machine itself."""
    assert proxy_of(url, proxies) == expected


@pytest.mark.parametrize(
    ("rule", "host", "is_exempt"),
    [
        ("fd07:b51a:cc66:f0::/64", "[fd07:b51a:cc66:f0::1]", True),
        ("fd07:b51a:cc66:f0::/64", "[fd07:b51a:cc66:f1::1]", False),
        ("[fd00::]/8", "[fd00::1]", True),
        ("[fd00::/8]", "[fd00::1]", True),
        ("[fd00::1]", "[fd00:0::0001]", True),
        ("fd00::1", "[fd00::1]", True),
        ("[fd00::1]:8443", "[fd00::1]:8443", True),
        ("[fd00::1]:8443", "[fd00::1]:8444", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.1.2.3/8", "10.9.9.9", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("10.0.0.0/8", "fd00.example", False),
        ("fd00::/8", "10.0.0.1", False),
        ("app.example:8080", "app.example:8080", True),
        ("app.example:443", "app.example", True),
        ("app.example:8080", "app.example", False),
        ("APP.example", "app.EXAMPLE", True),
        ("https://app.example", "app.example", True),
        ("one.example app.example", "app.example", True),
        ("[::1", "app.example", False),
        ("10.0.0.0/99", "10.0.0.1", False),
        (".", "app.example", False),
    ],
)
def test_every_form_of_no_proxy_is_understood_field_13(
    rule: str, host: str, is_exempt: bool
) -> None:
    """Networks, brackets, ports and names; what is none of them exempts nothing."""
    for no in (rule, f"localhost,{rule}", f"x.invalid, {rule} ,"):
        found = proxy_of(f"https://{host}/x", {"https": PROXY, "no": no})
        assert (found is None) == is_exempt


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "[::1]", "localhost", "LOCALHOST.", "app.localhost"]
)
def test_this_machine_is_called_directly_field_13(host: str) -> None:
    """By each of its names."""
    assert proxy_of(f"http://{host}:8080/x", {"http": PROXY, "all": PROXY}) is None


def test_no_credentials_are_shown() -> None:
    """A proxy's URL may have a user name and a password."""
    assert without_login("http://user:hunter2@proxy.corp:3128") == PROXY
    assert without_login(PROXY) == PROXY

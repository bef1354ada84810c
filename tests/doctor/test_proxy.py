"""Which proxy is used, as the HTTP client decides it."""

import httpx
import pytest

from okhook.doctor.org_contact import proxy_of

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
        (ORG, {"https": PROXY, "no": "dev-1.okta.com"}, None),
        (ORG, {"https": PROXY, "no": "v-1.okta.com"}, PROXY),
        (ORG, {"https": PROXY, "no": "*"}, None),
        (ORG, {"https": PROXY, "no": "other.example,"}, PROXY),
        ("http://127.0.0.1:8080", {"http": PROXY, "all": PROXY}, None),
        (ORG, {"https": "http://user:hunter2@proxy.corp:3128"}, PROXY),
    ],
)
def test_the_proxy_is_the_one_that_the_client_takes(
    url: str, proxies: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what opens it is not told. The client's own choice is asked beside ours."""
    assert proxy_of(url, proxies) == expected
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in proxies.items():
        monkeypatch.setenv(f"{name}_proxy", value)
    loopback = dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]"))
    client = httpx.Client(mounts=loopback)
    direct = client._transport_for_url(httpx.URL(url)) is client._transport
    assert direct == (expected is None)

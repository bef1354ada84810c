"""An org's address, from what people paste."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.wire.org import NotAnOrg, Org, is_loopback, parse_org


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("dev-123.okta.com", "https://dev-123.okta.com"),
        (" dev-123.okta.com\n", "https://dev-123.okta.com"),
        ("dev-123.okta.com/", "https://dev-123.okta.com"),
        ("https://dev-123.okta.com", "https://dev-123.okta.com"),
        ("HTTPS://Dev-123.Okta.com:443/admin/users?x=1#y", "https://dev-123.okta.com"),
        ("dev-123.okta.com.", "https://dev-123.okta.com"),
        ("dev-123-admin.okta.com", "https://dev-123.okta.com"),
        ("https://dev-123-admin.okta.com/admin/dashboard", "https://dev-123.okta.com"),
        ("x-admin.oktapreview.com", "https://x.oktapreview.com"),
        ("x-admin.okta-emea.com", "https://x.okta-emea.com"),
        ("x-admin.okta-gov.com", "https://x.okta-gov.com"),
        ("login-admin.example.com", "https://login-admin.example.com"),
        ("id.example.com:8443", "https://id.example.com:8443"),
        ("http://127.0.0.1:8137", "http://127.0.0.1:8137"),
        ("127.0.0.1:8137/", "http://127.0.0.1:8137"),
        ("localhost:8137", "http://localhost:8137"),
        ("https://localhost:8137", "https://localhost:8137"),
        ("http://[::1]:8137/x", "http://[::1]:8137"),
        ("[::1]:8137", "http://[::1]:8137"),
    ],
)
def test_what_people_paste_is_normalised(text: str, url: str) -> None:
    """Case, path, port, slash, dot and the Admin Console's host make no difference."""
    assert parse_org(text) == Org(url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "https://",
        "{yourOktaDomain}",
        "https://{yourOktaDomain}",
        "https://youroktadomain.okta.com",
        "<your-org>.okta.com",
        "http://dev-123.okta.com",
        "ftp://dev-123.okta.com",
        "javascript://dev-123.okta.com",
        "https://dev-123.okta.com@evil.example.com",
        "https://user:password@dev-123.okta.com",
        "https://dev-123.okta.com:port",
        "https://dev-123.okta.com:99999",
        "https://dev 123.okta.com",
        "https://dev\\123.okta.com",
        "https://dev%2f123.okta.com",
        "https://[::1",
        "https://[fe80::1%eth0]",
        "::1",
        "dev-123",
        "https://dev-123.okta.com\\@evil.example.com",
        "dev-123.okta.com\x00",
        "dev-\n123.okta.com",
        "dev-123.okta.com,evil.example.com",
        "http://0.0.0.0:8137",
        "http://127.0.0.1.evil.example.com",
    ],
)
def test_an_invalid_org_is_refused_with_a_reason(text: str) -> None:
    """A token would go there, so what is unclear is not guessed."""
    with pytest.raises(NotAnOrg) as caught:
        parse_org(text)
    assert str(caught.value)


@given(text=st.text(max_size=30) | st.from_regex(r"(https?://)?[a-z0-9.:\[\]@/-]{1,30}"))
def test_an_org_is_an_origin_and_stays_one(text: str) -> None:
    """Whatever is taken is https or loopback, has no path, and parsing it again changes nothing."""
    try:
        org = parse_org(text)
    except NotAnOrg:
        return
    assert parse_org(org.url) == org
    assert org.url.startswith("https://") or org.is_loopback
    scheme, _, rest = org.url.partition("://")
    assert scheme in ("http", "https")
    assert rest == org.host
    assert not set(rest) & set("/@?#\\ %")
    assert rest.isascii()


def test_loopback_is_this_machine_alone() -> None:
    """The names and addresses of loopback, and none that only look like them."""
    assert all(
        is_loopback(host) for host in ("localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1")
    )
    assert not any(is_loopback(host) for host in ("", "8.8.8.8", "localhost.evil.com", "10.0.0.1"))

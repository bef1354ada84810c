"""The path and the query of a webhook URL."""

import pytest

from okhook.wire.url import normal_path, with_query, without_credentials


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/okta-webhooks-endpoint", "/okta-webhooks-endpoint"),
        ("/okta-webhooks%2dendpoint", "/okta-webhooks-endpoint"),
        ("/café/a b", "/caf%C3%A9/a%20b"),
        ("/caf%c3%a9/%61%20b", "/caf%C3%A9/a%20b"),
        ("/caf\udcc3\udca9", "/caf%C3%A9"),
        ("/a%2fb//c/", "/a%2Fb//c/"),
        ("/100%/%zz", "/100%25/%25zz"),
        ("/a:b@c;d=(1,2)", "/a:b@c;d=(1,2)"),
    ],
)
def test_spellings_of_a_path_have_one_form_field_02(path: str, normal: str) -> None:
    """Each character is encoded if a URL needs it, and not otherwise."""
    assert normal_path(path) == normal_path(normal) == normal


@pytest.mark.parametrize(
    ("url", "query", "expected"),
    [
        ("http://h/hook", "", "http://h/hook"),
        ("http://h/hook?", "", "http://h/hook?"),
        ("http://h/hook", "a=1&a=2", "http://h/hook?a=1&a=2"),
        ("http://h/hook?own=0", "a=b?c", "http://h/hook?own=0&a=b?c"),
        ("http://h/hook?#top", "a=%2F%zz+[]", "http://h/hook?a=%2F%zz+[]#top"),
        ("http://h/hook", "a=\xe9 \x1b#", "http://h/hook?a=%E9%20%1B%23"),
    ],
)
def test_a_query_follows_the_one_of_the_url_field_02(url: str, query: str, expected: str) -> None:
    """It is sent as it was received; only what no URL can have is encoded."""
    assert with_query(url, query) == expected


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/hook", "/hook"),
        ("/hook?", "/hook?"),
        ("/hook?env=dev&n=1", "/hook?env=dev&n=1"),
        ("/hook?env=dev&token=abc&n=1", "/hook?env=dev&token=[hidden]&n=1"),
        ("/hook?API%2dKey=a=b", "/hook?API%2dKey=[hidden]"),
        ("/hook?token=&token", "/hook?token=&token"),
        ("/token=abc?code=\xe9&sig=%zz", "/token=abc?code=\xe9&sig=[hidden]"),
    ],
)
def test_a_credential_in_a_query_is_hidden(path: str, shown: str) -> None:
    """Some webhook URLs have one; the name tells. All else stays as it was received."""
    assert without_credentials(path) == shown

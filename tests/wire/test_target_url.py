"""What the URL of a target says: its kind, its hosts, its format, and no password."""

import pytest

from okhook.wire.target_url import (
    gets_cloud_events,
    hosts_of,
    is_on_this_machine,
    is_stream,
    split_login,
    with_cloud_events,
    without_cloud_events,
)
from okhook.wire.url import without_credentials


def test_a_stream_is_known_by_its_scheme() -> None:
    """In any case, as schemes are."""
    assert [is_stream(url) for url in ("nats://a/b", "TLS://a/b", "http://a/b", "a")] == [
        *(True, True),
        *(False, False),
    ]


def test_the_format_is_a_part_of_the_url_of_an_app() -> None:
    """A stream always gets CloudEvents."""
    url = with_cloud_events("http://a/b?c#d")
    assert url == "http://a/b?c#cloudevents" == with_cloud_events(url)
    assert (gets_cloud_events(url), gets_cloud_events("http://a/b")) == (True, False)
    assert without_cloud_events(url) == "http://a/b?c"
    assert with_cloud_events("nats://a/b") == "nats://a/b"


@pytest.mark.parametrize(
    ("url", "bare", "login"),
    [
        ("nats://a:1,b:2/c", "nats://a:1,b:2/c", None),
        ("nats://u:p@a:1/c", "nats://a:1/c", "u:p"),
        ("nats://u:p@x@a,b/c@d", "nats://a,b/c@d", "u:p@x"),
        ("http://a?b=c@d", "http://a?b=c@d", None),
        ("a@b", "a@b", None),
    ],
)
def test_a_login_is_taken_out(url: str, bare: str, login: str | None) -> None:
    """What stands before the last @ of the authority, and nothing else."""
    assert split_login(url) == (bare, login)


@pytest.mark.parametrize(
    ("url", "hosts", "here"),
    [
        ("nats://localhost:1,[::1]:2,127.0.0.2/c", ("localhost", "::1", "127.0.0.2"), True),
        ("nats://localhost,evil.example:2/c", ("localhost", "evil.example"), False),
        ("nats://localhost@evil.example/c", ("evil.example",), False),
        ("http://localhost,evil.example/c", ("localhost", "evil.example"), False),
        ("nats:///c", ("",), False),
    ],
)
def test_a_url_is_of_this_machine_if_every_host_is(
    url: str, hosts: tuple[str, ...], here: bool
) -> None:
    """A stranger's file must not hide a host behind localhost."""
    assert (hosts_of(url), is_on_this_machine(url)) == (hosts, here)


def test_an_invalid_url_is_not_of_this_machine() -> None:
    """It is an error where it is used."""
    assert not is_on_this_machine("nats://[::1/c")


def test_a_token_in_the_query_is_not_shown() -> None:
    """The mark of a format, which is not sent to the app, is no part of the token."""
    assert without_credentials("http://a/b?token=c&d=e") == "http://a/b?token=[hidden]&d=e"
    assert (
        without_credentials("http://a/?token=c#cloudevents")
        == "http://a/?token=[hidden]#cloudevents"
    )
    assert without_credentials("http://a/b#cloudevents") == "http://a/b#cloudevents"

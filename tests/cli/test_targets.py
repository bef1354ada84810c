"""Targets in the settings: which URLs are taken, and where the login of a stream may stand."""

from pathlib import Path

import pytest

from okhook.cli.targets import checked_targets, login_for
from okhook.config.setting import PROJECT_FILE, Layer, Setting
from okhook.config.settings import Settings
from okhook.config.shown import shown_settings
from okhook.errors import ConfigurationError, InvalidInput, OkhookError
from okhook.secret import Secret, StreamLogin

STREAM = "nats://a.example:4222,b.example:4222/okta.events"
WITH_LOGIN = STREAM.replace("//", "//user:p%40ss@")


def layer(origin: str, **values: object) -> Layer:
    return Layer(values, dict.fromkeys(values, origin))


def settings(*layers: Layer) -> Settings:
    found = Settings(layers)
    found.agree = lambda *_: None
    return found


def targets(url: str, origin: str = "--forward-to", **others: object) -> tuple[str, ...]:
    given = settings(layer("OKHOOK_X", **others))
    return checked_targets(given, Setting((url,), origin))


def test_a_stream_is_taken_as_it_is_written() -> None:
    """Several servers stand in one URL."""
    assert targets(STREAM) == (STREAM,)
    assert targets("tls://a/b", forward_format="cloudevents") == ("tls://a/b",)


def test_the_format_of_an_app_becomes_a_part_of_its_url() -> None:
    """Its deliveries wait for it in that format, also for another command."""
    url = "http://localhost:3000/hook"
    assert targets(url) == (url,)
    assert targets(url, forward_format="cloudevents") == (f"{url}#cloudevents",)
    assert targets(f"{url}#cloudevents") == (f"{url}#cloudevents",)


def test_a_fragment_that_means_nothing_is_refused() -> None:
    """No app would ever see it."""
    with pytest.raises(InvalidInput, match="a URL without a fragment"):
        targets("http://localhost:3000/hook#top")


@pytest.mark.parametrize("origin", ["--forward-to", f"forward_to in {PROJECT_FILE}"])
def test_a_login_is_refused_where_others_can_read_it(origin: str) -> None:
    """In the process list, or in a repository; the error repeats none of it."""
    with pytest.raises(OkhookError) as refused:
        targets(WITH_LOGIN, origin)
    told = repr(vars(refused.value))
    assert "OKHOOK_FORWARD_TO" in told
    assert "p%40ss" not in told
    assert "user:" not in told


@pytest.mark.parametrize("origin", ["OKHOOK_FORWARD_TO", "forward_to in /home/me/okhook.toml"])
def test_a_login_is_no_part_of_the_target(origin: str) -> None:
    """So nothing that names the target shows it, and a new password changes nothing else."""
    given = settings(layer(origin, forward_to=[WITH_LOGIN]))
    assert checked_targets(given, given.forward_to) == (STREAM,)
    assert login_for(given, STREAM) == StreamLogin(user=Secret("user:p%40ss"))
    assert shown_settings(given)[0].value == STREAM


def test_a_login_is_used_for_the_url_that_it_was_written_in() -> None:
    """``replay --to`` finds it; another host, subject or scheme does not."""
    given = settings(
        layer("--forward-to", forward_to=[STREAM]),
        layer("OKHOOK_FORWARD_TO", forward_to=WITH_LOGIN),
    )
    assert login_for(given, STREAM) is not None
    assert login_for(given, STREAM.replace("a.example", "evil.example")) is None
    assert login_for(given, STREAM.replace("nats:", "tls:")) is None
    assert login_for(given, f"{STREAM}.more") is None


def test_a_stranger_gives_no_login() -> None:
    """A project's file names neither a login nor the file of one."""
    project = layer(f"forward_to in {PROJECT_FILE}", forward_to=[WITH_LOGIN])
    assert login_for(settings(project), STREAM) is None


def test_the_credentials_file_is_for_streams(tmp_path: Path) -> None:
    """A login in the URL is nearer, and an app gets neither."""
    file = tmp_path / "user.creds"
    file.write_text("SUAAA\n")
    named = layer("OKHOOK_NATS_CREDENTIALS", nats_credentials=str(file))
    assert login_for(settings(named), STREAM) == StreamLogin(file=Secret("SUAAA\n"))
    assert login_for(settings(named), "http://localhost/") is None
    nearer = layer("OKHOOK_FORWARD_TO", forward_to=WITH_LOGIN)
    assert login_for(settings(nearer, named), STREAM) == StreamLogin(user=Secret("user:p%40ss"))


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xff"])
def test_a_credentials_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None
) -> None:
    """With the setting that names it."""
    file = tmp_path / "user.creds"
    if content is not None:
        file.write_bytes(content)
    given = settings(layer("OKHOOK_NATS_CREDENTIALS", nats_credentials=str(file)))
    with pytest.raises(ConfigurationError, match=r"OKHOOK_NATS_CREDENTIALS: .*user\.creds"):
        login_for(given, STREAM)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nats://localhost:4222", "invalid --forward-to value 'nats://localhost:4222': expected"),
        ("nats://a:1,nats://b:2/c", "one URL with several hosts"),
        ("nats://a:99999/b", "expected a host and a port from 1 to 65535"),
        ("nats://a,b:x/c", "expected a host and a port from 1 to 65535"),
        ("nats://[::1/c", "expected a host and a port from 1 to 65535"),
        ("nats://localhost/okta.*", "a subject to publish to"),
        ("kafka://localhost/okta", "expected a URL like http://localhost:3000/hook"),
        ("http://a/, http://b/", "has several URLs on one line"),
    ],
)
def test_a_wrong_target_says_what_was_expected(url: str, words: str) -> None:
    """Before anything starts."""
    with pytest.raises(InvalidInput) as refused:
        targets(url)
    assert words in refused.value.what


def test_a_client_certificate_goes_beside_any_login(tmp_path: Path) -> None:
    """It is read when it is used."""
    file = tmp_path / "client.pem"
    named = layer("OKHOOK_NATS_CERTIFICATE", nats_certificate=str(file))
    assert login_for(settings(named), STREAM) == StreamLogin(certificate=file)
    both = settings(layer("OKHOOK_FORWARD_TO", forward_to=WITH_LOGIN), named)
    assert login_for(both, STREAM) == StreamLogin(Secret("user:p%40ss"), certificate=file)

"""The hook's secret from the settings."""

from pathlib import Path
from typing import Any

import pytest

from okhook.config.hook_auth import hook_auth, names_field
from okhook.config.layers import load_settings
from okhook.errors import ConfigurationError, InvalidInput, OkhookError
from tests.support.flags import flag_layer


def auth_of(directory: Path, flags: dict[str, Any], **environ: str) -> Any:  # noqa: ANN401 - what is asserted on
    user = {"OKHOOK_CONFIG": str(directory / "none.toml"), **environ}
    found = hook_auth(load_settings(flag_layer(flags), user, directory))
    return None if found is None else (found.value.header(), found.origin)


def test_without_a_setting_there_is_no_secret(tmp_path: Path) -> None:
    """A field alone needs no secret."""
    assert auth_of(tmp_path, {"auth_field": "X-Key"}) is None


def test_a_header_and_its_value(tmp_path: Path) -> None:
    """The value is sent unchanged, in the named field."""
    assert auth_of(tmp_path, {"auth_field": "X-Key"}, OKHOOK_AUTH_SECRET="s") == (
        ("X-Key", "s"),
        "OKHOOK_AUTH_SECRET",
    )


def test_basic_is_encoded_with_its_scheme(tmp_path: Path) -> None:
    """Okta sends the value as registered, so it must begin with Basic."""
    header, _ = auth_of(tmp_path, {"basic_auth": "user:pass"})
    assert header == ("Authorization", "Basic dXNlcjpwYXNz")


def test_names_field(tmp_path: Path) -> None:
    """Basic has a fixed header; with only a secret the caller chooses one."""

    def names(flags: dict[str, Any], **environ: str) -> bool:
        user = {"OKHOOK_CONFIG": str(tmp_path / "none.toml"), **environ}
        return names_field(load_settings(flag_layer(flags), user, tmp_path))

    assert names({"basic_auth": "user:pass"}, OKHOOK_AUTH_SECRET="s")
    assert names({"auth_field": "X-Key"}, OKHOOK_AUTH_SECRET="s")
    assert not names({"auth_secret": "s"}, OKHOOK_BASIC_AUTH="user:pass")
    assert not names({})


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    """The newline at the end of the file is not part of it."""
    (tmp_path / "secret").write_text("from-a-file\n")
    header, _ = auth_of(tmp_path, {"auth_secret_file": str(tmp_path / "secret")})
    assert header == ("Authorization", "from-a-file")


def test_the_stronger_layer_wins_between_different_settings(tmp_path: Path) -> None:
    """A flag of one kind beats a variable of another."""
    header, origin = auth_of(tmp_path, {"auth_secret": "flag"}, OKHOOK_BASIC_AUTH="a:b")
    assert (header, origin) == (("Authorization", "flag"), "--auth-secret")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"auth_secret": "a", "basic_auth": "b:c"}, "cannot be used together"),
        ({"auth_secret": ""}, "empty"),
        ({"auth_secret": "line\r\nX-Forged: 1"}, "header cannot carry"),
        ({"auth_secret": " padded"}, "header cannot carry"),
        ({"auth_secret": "geheimnis-ü"}, "header cannot carry"),
        ({"basic_auth": "no-colon"}, "colon"),
        ({"auth_secret": "a", "auth_field": "X Key"}, "not a header name"),
        ({"auth_secret_file": "/nowhere/at/all"}, "could not read"),
    ],
)
def test_a_secret_that_cannot_be_sent_is_refused(
    tmp_path: Path, flags: dict[str, Any], words: str
) -> None:
    """Later, at Okta or on the wire, the error would be less clear."""
    with pytest.raises(InvalidInput, match=words) as caught:
        auth_of(tmp_path, flags)
    secret = flags.get("auth_secret") or "no-colon"
    assert len(secret) < 3 or secret not in str(caught.value.what)


def test_a_wrong_variable_is_a_configuration_error(tmp_path: Path) -> None:
    """The exit code differs from that of a flag."""
    with pytest.raises(OkhookError) as caught:
        auth_of(tmp_path, {}, OKHOOK_BASIC_AUTH="no-colon")
    assert isinstance(caught.value, ConfigurationError)

"""Settings: the order of the layers, the types, and where a value came from."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from okhook.config.in_project import InProject
from okhook.config.layers import load_settings
from okhook.config.names import receiver_name, usual_hook_name
from okhook.config.paths import expanded
from okhook.config.setting import Setting
from okhook.config.settings import Settings, declared_settings
from okhook.config.shown import shown_settings
from okhook.errors import ConfigurationError, InvalidInput
from tests.support.flags import flag_layer


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path


def load(
    directory: Path, flags: dict[str, Any] | None = None, environ: dict[str, str] | None = None
) -> Settings:
    user = {"OKHOOK_CONFIG": str(directory / "user.toml"), **(environ or {})}
    return load_settings(flag_layer(flags or {}), user, directory)


def test_a_stronger_layer_wins(directory: Path) -> None:
    """Flag, variable, project file, user file, default; each value has its origin."""
    origins = []
    layers: dict[str, Any] = {"flags": {}, "environ": {}}
    origins.append(load(directory).port)
    (directory / "user.toml").write_text("port = 1")
    origins.append(load(directory).port)
    (directory / "okhook.toml").write_text("port = 2")
    origins.append(load(directory).port)
    layers["environ"] = {"OKHOOK_PORT": "3"}
    origins.append(load(directory, **layers).port)
    layers["flags"] = {"port": 4}
    origins.append(load(directory, **layers).port)
    assert [(setting.value, setting.origin) for setting in origins] == [
        (1337, "default"),
        (1, f"port in {directory / 'user.toml'}"),
        (2, "port in ./okhook.toml"),
        (3, "OKHOOK_PORT"),
        (4, "--port"),
    ]


def test_an_unknown_setting_is_an_error_with_a_suggestion(directory: Path) -> None:
    """Otherwise a typing error in a file would have no effect and no message."""
    (directory / "okhook.toml").write_text('auth_sekret = "x"')
    with pytest.raises(ConfigurationError, match="auth_sekret") as caught:
        load(directory)
    assert caught.value.next_step == "did you mean auth_secret?"


@pytest.mark.parametrize("content", ["port = ", "\ufeff\x00", "port = [1"])
def test_the_error_for_invalid_toml_names_the_file(directory: Path, content: str) -> None:
    """And the place in it."""
    (directory / "okhook.toml").write_text(content)
    with pytest.raises(ConfigurationError, match=r"okhook\.toml is not valid TOML"):
        load(directory)


@pytest.mark.parametrize("value", ["x", "70000", "-1", "1.5"])
def test_the_error_for_an_invalid_number_names_its_origin(directory: Path, value: str) -> None:
    """A variable causes a configuration error, a flag a usage error."""
    with pytest.raises(ConfigurationError, match=r"OKHOOK_PORT.*expected a whole number"):
        _ = load(directory, environ={"OKHOOK_PORT": value}).port
    with pytest.raises(InvalidInput, match="invalid --port value 70000: expected a whole number"):
        _ = load(directory, flags={"port": 70000}).port


def test_several_values_come_from_flags_lists_and_commas(directory: Path) -> None:
    """Each layer has its own spelling of a list."""
    assert load(directory, {"event": ["a", "b"]}).event.value == ("a", "b")
    from_environ = load(directory, environ={"OKHOOK_EVENT": "a, b"}).event
    assert from_environ.value == ("a", "b")
    (directory / "okhook.toml").write_text('event = ["c"]')
    from_file = load(directory).event
    assert from_file.value == ("c",)


def test_seconds_and_switches(directory: Path) -> None:
    """Durations may have a fraction but are not negative or infinite; switches are words."""
    assert load(directory, environ={"OKHOOK_WAIT": "1.5"}).wait.value == 1.5
    for spelled, seconds in (("90s", 90), ("2m", 120), ("0.5s", 0.5), (3, 3)):
        assert load(directory, {"wait": spelled}).wait.value == seconds
    for wrong in ("-1", "inf", "nan", "soon", "1x", "9" * 400):
        with pytest.raises(ConfigurationError, match="OKHOOK_WAIT"):
            _ = load(directory, environ={"OKHOOK_WAIT": wrong}).wait
    assert load(directory, environ={"OKHOOK_QUIET": "yes"}).quiet.value is True
    with pytest.raises(ConfigurationError, match="true or false"):
        _ = load(directory, environ={"OKHOOK_QUIET": "perhaps"}).quiet


def test_an_error_never_contains_a_secret(directory: Path) -> None:
    """Not even if the token has the wrong type."""
    (directory / "okhook.toml").write_text("token = 123456789")
    with pytest.raises(ConfigurationError) as caught:
        _ = load(directory).token
    assert "123456789" not in f"{caught.value.what}{caught.value.why}{caught.value.next_step}"


def test_every_setting_has_a_name_and_a_meaning() -> None:
    """The manual shows them."""
    for name, declared in declared_settings().items():
        assert declared.name == name
        assert declared.meaning


def test_shown_has_each_setting_with_its_origin(directory: Path) -> None:
    """The strongest layer counts; the value of a secret is not shown."""
    (directory / "okhook.toml").write_text('token = "hidden"\nevent = ["a", "b"]\nport = 1\n')
    found = shown_settings(load(directory, {"port": 2}, {"OKHOOK_QUIET": "1"}))
    assert {(one.name, one.value, one.origin) for one in found} == {
        ("token", None, "token in ./okhook.toml"),
        ("event", "a, b", "event in ./okhook.toml"),
        ("port", "2", "--port"),
        ("quiet", "1", "OKHOOK_QUIET"),
    }
    switched = shown_settings(load(directory, {"quiet": True}))
    assert [one.value for one in switched if one.name == "quiet"] == ["true"]
    assert {one.name for one in declared_settings().values() if one.is_secret} == {
        "token",
        "auth_secret",
        "basic_auth",
        "sandbox_token",
    }


@pytest.mark.parametrize(
    ("flags", "environ", "name"),
    [
        ({}, {}, "1337/okta-webhooks-endpoint"),
        ({"port": 0, "path": "/hooks"}, {}, "0/hooks"),
        ({"port": 8080}, {"OKHOOK_RECEIVER": " staging "}, "staging"),
        ({"receiver": "audit"}, {"OKHOOK_RECEIVER": "staging"}, "audit"),
    ],
)
def test_a_receiver_is_named_by_port_and_path_field_03(
    directory: Path, flags: dict[str, object], environ: dict[str, str], name: str
) -> None:
    """By what was asked for, so that any free port has one name; or as it is told."""
    assert receiver_name(load(directory, flags, environ)) == name


@pytest.mark.parametrize("name", ["a\x1b[2J", "x" * 201])
def test_a_name_of_a_receiver_can_be_shown_field_03(directory: Path, name: str) -> None:
    """It is printed in lists and commands."""
    with pytest.raises(InvalidInput, match=r"invalid --receiver value .* printable characters"):
        _ = receiver_name(load(directory, {"receiver": name}))


def test_the_default_hook_name_has_user_and_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """It differs between colleagues. Without a user name it has the user's number."""
    monkeypatch.setattr("socket.gethostname", lambda: "laptop\x1b[2J")
    monkeypatch.setattr("getpass.getuser", lambda: "ann")
    assert usual_hook_name() == "okhook ann@laptop\\x1b[2J"

    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", nobody)
    assert usual_hook_name().startswith("okhook ")


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_an_empty_value_is_refused_field_12(directory: Path, empty: str) -> None:
    """Whatever sets it, an empty value is an error: an empty host would listen everywhere."""
    for name, declared in declared_settings().items():
        (directory / "user.toml").write_text(f"{name} = {json.dumps(empty)}")
        if name != "description":
            with pytest.raises(ConfigurationError, match=r"invalid .*expected"):
                load(directory)
        (directory / "user.toml").unlink()
        if name == "description":
            assert load(directory, {name: empty}).description == Setting(empty, "--description")
            continue
        with pytest.raises(InvalidInput, match=r"invalid .*expected"):
            load(directory, {name: empty})
        if empty:
            with pytest.raises(ConfigurationError, match=r"invalid .*expected"):
                _ = getattr(load(directory, environ={declared.variable: empty}), name)
    assert load(directory, environ={"OKHOOK_HOST": ""}).host.is_default


def test_an_empty_text_in_a_list_is_refused_field_12(directory: Path) -> None:
    """An empty list means none; a text in it names something."""
    for wrong in (",", " , "):
        with pytest.raises(ConfigurationError, match="OKHOOK_EVENT"):
            _ = load(directory, environ={"OKHOOK_EVENT": wrong}).event
    (directory / "okhook.toml").write_text('event = ["a", ""]\nforward_to = []')
    with pytest.raises(
        ConfigurationError, match=r"event in ./okhook\.toml value .*: expected strings"
    ):
        load(directory)
    (directory / "okhook.toml").write_text("forward_to = []")
    assert load(directory).forward_to.value == ()


def test_a_nul_character_is_refused_field_12(directory: Path) -> None:
    """TOML can write one. No path, host or header can have it, and the system's calls fail on it.

    A project's file is a stranger's: it cannot make okhook stumble.
    """
    for name, declared in declared_settings().items():
        if declared.in_project is InProject.IGNORED:
            continue
        for written in ('"/a\\u0000b"', '["/a\\u0000b"]'):
            (directory / "okhook.toml").write_text(f"{name} = {written}")
            with pytest.raises(ConfigurationError, match=f"invalid {name} in ./okhook"):
                load(directory)


@pytest.mark.parametrize("parent", ["/dev/null", "a file"])
def test_a_home_that_is_no_directory_has_no_file_field_14(
    directory: Path, monkeypatch: pytest.MonkeyPatch, parent: str
) -> None:
    """Users of services have such a HOME: there is no settings file, as with an empty one."""
    (directory / "a file").touch()
    monkeypatch.setenv("HOME", str(directory / parent))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    settings = load_settings(flag_layer({}), {}, directory)
    assert settings.port.is_default


@pytest.mark.parametrize("value", ["nan", "-1", "1.5", '"abc"', "true", "1979-05-27"])
def test_a_file_with_a_wrong_value_is_refused_by_every_command(directory: Path, value: str) -> None:
    """Also by one that does not need it: `whoami` would show it as if it were used."""
    for name in ("okhook.toml", "user.toml"):
        (directory / name).write_text(f"port = {value}")
        with pytest.raises(ConfigurationError, match=r"invalid port in .*: expected a whole"):
            load(directory, {"port": 80})
        (directory / name).unlink()
    (directory / "okhook.toml").write_text("hookdeck = 5")
    assert load(directory).hookdeck is None  # it is ignored, with a warning


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("scopes = 5", "value 5: expected a list of strings"),
        ('scopes = ["a", 5]', 'value ["a", 5]: expected a list of strings'),
        (
            """event = '["a", "b"]'""",
            """value '["a", "b"]': expected a list of strings, without quotes around the list""",
        ),
        (
            """forward_to = ['[http://localhost]']""",
            "value '[http://localhost]': expected a list of strings, without quotes around",
        ),
        ("no_inspector = 2", "value 2: expected true or false"),
        ("name = true", "value true: expected text in quotes"),
        ("token = 12345", "invalid token in ./okhook.toml: expected text in quotes"),
        (
            'basic_auth = "u:hid\\u0000den"',
            "./okhook.toml: expected text without the character NUL",
        ),
    ],
)
def test_an_error_shows_what_is_given_and_what_is_expected(
    directory: Path, written: str, said: str
) -> None:
    """But no value that may be a secret."""
    (directory / "okhook.toml").write_text(written)
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        load(directory)


def test_a_list_in_brackets_is_not_one_name(directory: Path) -> None:
    """JSON and shells write lists so; okhook would take it for a single, unknown name."""
    with pytest.raises(InvalidInput, match=r"--event value '\[b,c\]': expected names with commas"):
        load(directory, {"event": ("a", "[b,c]")})
    given = load(directory, environ={"OKHOOK_FORWARD_TO": '["http://a"]'})
    with pytest.raises(ConfigurationError, match=r"OKHOOK_FORWARD_TO .* one value on each line"):
        _ = given.forward_to


def test_a_flag_with_a_wrong_value_is_refused_although_nothing_needs_it(directory: Path) -> None:
    """`okhook serve --retries x` without an app to forward to would go unnoticed."""
    with pytest.raises(InvalidInput, match="invalid --retries value 'x': expected a whole number"):
        load(directory, {"retries": "x"})


@pytest.mark.parametrize("path", ["hook", "", "/a b", "/a?b", "/a#b", "/a/../b", "/.", "/%2E%2e/b"])
def test_a_path_that_no_call_can_reach_is_refused_field_02(directory: Path, path: str) -> None:
    """Programs that call a URL resolve dot segments, encoded or not."""
    with pytest.raises(InvalidInput, match="expected the path of a URL"):
        load(directory, {"path": path}).path  # noqa: B018 - the value is read on access


def test_a_path_has_the_form_in_which_it_is_called_field_02(directory: Path) -> None:
    """So the URL can be pasted."""
    assert load(directory, {"path": "/café/%7ea%20b"}).path.value == "/caf%C3%A9/~a%20b"


def test_quotes_around_a_variable_are_named_field_15(directory: Path) -> None:
    """All of them at once, and no value: it may be a secret."""
    environ = {"OKHOOK_PORT": "'1400'\r", "OKHOOK_AUTH_SECRET": '"hidden"', "OKHOOK_NAME": "it's"}
    with pytest.raises(ConfigurationError) as caught:
        load(directory, environ=environ)
    assert caught.value.what == "OKHOOK_PORT, OKHOOK_AUTH_SECRET: the value is in quotes"
    for variable in ("OKHOOK_HOME", "OKHOOK_CONFIG"):
        with pytest.raises(ConfigurationError, match=f"{variable}: the value is in quotes"):
            expanded('"/data"', variable)


def test_a_byte_order_mark_is_passed_over_field_15(directory: Path) -> None:
    """Editors on Windows write one, and Windows line ends."""
    (directory / "okhook.toml").write_bytes(b"\xef\xbb\xbfport = 1400\r\n")
    assert load(directory).port.value == 1400


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("127.0.0.1:9100", "127.0.0.1:9100"),
        ("0.0.0.0:0", "0.0.0.0:0"),
        ("localhost:65535", "localhost:65535"),
        (" [::1]:9100 ", "[::1]:9100"),
    ],
)
def test_an_address_has_a_host_and_a_port(directory: Path, text: str, shown: str) -> None:
    """It is shown as it was written."""
    found = load(directory, {"admin": text}).admin
    assert found is not None
    assert str(found.value) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("9100", ":9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1"),
        *("::1:9100", "[127.0.0.1]:9100", "[]:1", "a b:1", "http://a:1", "a:1/x", "u@a:1"),
        *("a:\u0661", "a\x1b[2J:1", "a:" + "9" * 5000),
    ],
)
def test_an_invalid_address_is_refused(directory: Path, text: str) -> None:
    """A host that is left out would mean every address of the machine."""
    with pytest.raises(InvalidInput, match="--admin"):
        _ = load(directory, {"admin": text}).admin

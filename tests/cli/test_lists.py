"""Lists of names and of other texts: said the same way by flag, variable and file."""

import json
from pathlib import Path
from typing import Any

import pytest

from okhook.config.layers import load_settings
from okhook.config.settings import Settings
from okhook.errors import ConfigurationError
from tests.cli.history import fill_store
from tests.support.flags import flag_layer
from tests.support.in_process import run_okhook
from tests.support.sandbox_org import sandbox_org


def load(
    directory: Path, toml: str = "", flags: dict[str, Any] | None = None, **environ: str
) -> Settings:
    (directory / "okhook.toml").write_text(toml)
    environ = {"OKHOOK_CONFIG": str(directory / "user.toml"), **environ}
    return load_settings(flag_layer(flags or {}), environ, directory)


def test_names_are_said_the_same_way_everywhere_field_27(tmp_path: Path) -> None:
    """A flag is repeated or takes commas, a variable takes commas, TOML a list."""
    expected = ("user.a", "user.b", "user.c")
    for settings in (
        load(tmp_path, flags={"event": ["user.a", "user.b", "user.c"]}),
        load(tmp_path, flags={"event": ["user.a,user.b", "user.c"]}),
        load(tmp_path, OKHOOK_EVENT="user.a, user.b,user.c,"),
        load(tmp_path, 'event = ["user.a", "user.b", "user.c"]'),
    ):
        assert settings.event.value == expected
    assert load(tmp_path, OKHOOK_TEST_ORGS="a.okta.com,b.okta.com").test_orgs.value == (
        "a.okta.com",
        "b.okta.com",
    )


def test_urls_are_one_a_line_field_27(tmp_path: Path) -> None:
    """A URL may have commas: a flag is repeated, a variable has lines, TOML a list."""
    one, two = "http://localhost:3000/a,b", "http://localhost:3001/"
    for settings in (
        load(tmp_path, flags={"forward_to": [one, two]}),
        load(tmp_path, OKHOOK_FORWARD_TO=f"{one}\n  {two}\n"),
        load(tmp_path, f'forward_to = ["{one}", "{two}"]'),
    ):
        assert settings.forward_to.value == (one, two)


@pytest.mark.parametrize("separator", [",", ", ", " "])
def test_urls_with_commas_between_them_are_an_error_field_27(
    tmp_path: Path, separator: str
) -> None:
    """They would be one URL that leads nowhere; the next step says how to write them."""
    urls = separator.join(("http://localhost:1/", "http://localhost:2/"))
    flag = run_okhook("serve", "--port", "0", "--forward-to", urls, home=tmp_path)
    assert flag.returncode == 2
    assert "repeat --forward-to" in flag.stderr
    variable = run_okhook("serve", home=tmp_path, env={"OKHOOK_FORWARD_TO": urls})
    assert variable.returncode == 3
    assert "one URL per line" in variable.stderr


def test_flags_of_names_take_commas_field_27(tmp_path: Path) -> None:
    """Those that are no settings, too: filters, ids, and the changes of a hook."""
    fill_store(tmp_path)

    def listed(*flags: str) -> list[int]:
        done = run_okhook("deliveries", "list", *flags, "--output", "json", home=tmp_path)
        assert done.returncode == 0, done.stderr
        return [json.loads(line)["seq"] for line in done.stdout.splitlines()]

    types = ("user.lifecycle.create", "group.user_membership.add")
    assert listed("--event", ",".join(types)) == listed("--event", types[0], "--event", types[1])
    both = listed("--status", "stored", "--status", "duplicate")
    assert listed("--status", "stored,duplicate") == both
    dry = run_okhook("replay", "1,2", "3", "--dry-run", "--to", "http://a.test/", home=tmp_path)
    assert "unknown" not in dry.stderr
    with sandbox_org(home=tmp_path) as org:
        hook = org.create_hook("https://example.com/okta", name="tests")
        edit = (
            "hooks",
            "edit",
            "tests",
            "--no-verify",
            "--add-event",
            "group.lifecycle.create,user.session.end",
        )
        assert run_okhook(*edit, home=tmp_path).returncode == 0
        assert len(org.hook(hook["id"])["events"]["items"]) == 3


def test_a_search_takes_several_words_field_27(tmp_path: Path) -> None:
    """All of them must be in it."""
    done = run_okhook("types", "user", "create", "--output", "json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    names = [json.loads(line)["event_type"] for line in done.stdout.splitlines()]
    assert "user.lifecycle.create" in names
    assert all("user" in name and "create" in name for name in names)
    fill_store(tmp_path)
    assert run_okhook("deliveries", "search", "jane", "create", home=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("trigger", "user.lifecyle.create"), "okhook trigger user.lifecycle.create"),
        (("trigger", "--scenario", "joiner-mover-lever"), "--scenario joiner-mover-leaver"),
        (("deliveries", "list", "--event", "user.lifecyle.create"), "user.lifecycle.create"),
        (("types", "user.lifecyle.create"), "user.lifecycle.create"),
        (("send-sample", "--event", "user.lifecyle.create", "--dry-run"), "user.lifecycle.create"),
        (("hooks", "verify", "mi-hook"), "this one"),
        (("hooks", "lst"), "okhook hooks list"),
        (("triger", "user.lifecycle.create"), "okhook trigger"),
        (("deliveries", "list", "--status", "faild"), "failed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_typo_is_corrected_field_27(
    tmp_path: Path, arguments: tuple[str, ...], meant: str
) -> None:
    """Event types, scenarios, hooks, commands and words."""
    with sandbox_org(home=tmp_path) as org:
        org.create_hook("https://example.com/okta", name="my-hook")
        fill_store(tmp_path)
        done = run_okhook(*arguments, home=tmp_path)
    assert f"did you mean {meant}" in done.stderr


def test_a_table_in_the_settings_is_refused_field_27(tmp_path: Path) -> None:
    """The next step says where settings stand."""
    with pytest.raises(
        ConfigurationError, match=r"unexpected table in \./okhook\.toml: \[okhook\]"
    ):
        load(tmp_path, "[okhook]\nport = 1")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, "evnt = 1")
    assert caught.value.next_step == "did you mean event?"


@pytest.mark.parametrize(
    ("toml", "meant"),
    [
        ("[user.jane]", "users"),
        ("[[step]]", "steps"),
        (
            '[users.jane]\n[[steps]]\nevent = "user.lifecyle.create"\nuser = "jane"',
            "user.lifecycle.create",
        ),
        ('[users.jane]\n[[steps]]\nevent = "user.lifecycle.create"\nuser = "jan"', "jane"),
    ],
)
def test_a_typo_in_a_scenario_is_corrected_field_27(tmp_path: Path, toml: str, meant: str) -> None:
    """Tables, names, event types, and the users of steps."""
    (tmp_path / "mine.toml").write_text(toml)
    done = run_okhook("trigger", "--scenario", "./mine.toml", home=tmp_path)
    assert done.returncode == 2
    assert f"did you mean {meant}?" in done.stderr

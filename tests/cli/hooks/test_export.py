"""``okhook hooks export``: hooks of a sandbox org as code."""

import stat
from typing import Any

from okhook.okta.as_code.hook_file import read_hook_file
from tests.cli.hooks.rig import Sandbox

URL = "https://hooks.example.com/okta"


def created(org: Sandbox, name: str, **changes: Any) -> Any:  # noqa: ANN401 - JSON
    return org.create(URL, name=name, **changes)


def test_every_hook_of_the_org(org: Sandbox) -> None:
    """stdout is the file and nothing else: `> hooks.toml` can be applied."""
    created(org, "a", secret="hush-hush", events=["user.session.start"])
    created(org, "b")
    done = org.run("export")
    assert done.returncode == 0, done.stderr
    assert [entry.name for entry in read_hook_file(done.stdout)] == ["a", "b"]
    assert done.stdout.startswith(f"# Event hooks of {org.url.removeprefix('http://')}\n")
    assert "exported 2 event hooks" in done.stderr
    assert "hush-hush" not in done.stdout


def test_the_hooks_that_are_named(org: Sandbox) -> None:
    """By name or id, each once, in the order of the command line."""
    a, b, _ = (created(org, name) for name in "abc")
    done = org.run("export", b["id"], "a", "b")
    assert [entry.name for entry in read_hook_file(done.stdout)] == ["b", "a"]
    missing = org.run("export", "a", "x")
    assert (missing.returncode, missing.stdout) == (5, "")
    assert "no event hook x" in missing.stderr
    assert a["name"] == "a"


def test_terraform(org: Sandbox) -> None:
    """The same hooks as resources; a URL that the provider refuses has a warning."""
    created(org, "a")
    org.create("http://127.0.0.1:9/hook", name="local")
    done = org.run("export", "--format", "terraform")
    assert 'resource "okta_event_hook" "a" {' in done.stdout
    assert 'resource "okta_event_hook_verification" "local" {' in done.stdout
    assert "warning: local: Okta's Terraform provider accepts only https:// URLs" in done.stderr


def test_to_a_file(org: Sandbox) -> None:
    """It is whole, and only its owner can read it; one that cannot be written is an error."""
    created(org, "a")
    done = org.run("export", "--to-file", "hooks.toml")
    assert (done.returncode, done.stdout) == (0, "")
    file = org.home / "hooks.toml"
    assert len(read_hook_file(file.read_text(encoding="utf-8"))) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    refused = org.run("export", "--to-file", "no/such/place.toml")
    assert refused.returncode == 2
    assert "could not write no/such/place.toml" in refused.stderr


def test_as_a_json_line(org: Sandbox) -> None:
    """In JSON mode stdout has JSON lines only, so the text is in one."""
    created(org, "a")
    (line,) = org.lines("export")
    assert (line["type"], line["format"], line["count"]) == ("hooks_exported", "toml", 1)
    assert len(read_hook_file(line["text"])) == 1
    (line,) = org.lines("export", "--to-file", "hooks.toml")
    assert (line["file"], line["text"]) == ("hooks.toml", None)


def test_an_org_without_hooks(org: Sandbox) -> None:
    """A file without hooks, which is valid."""
    done = org.run("export")
    assert done.returncode == 0
    assert read_hook_file(done.stdout) == []


def test_a_header_that_is_there_twice(org: Sandbox) -> None:
    """A table has each name once, so the export says what it leaves out."""
    headers = [{"key": "X-A", "value": "1"}, {"key": "X-A", "value": "2"}]
    created(org, "a", config={"headers": headers})
    done = org.run("export")
    (entry,) = read_hook_file(done.stdout)
    assert entry.headers == (("X-A", "2"),)
    assert "a has a header twice; the file has only the last one" in done.stderr


def test_a_url_that_may_contain_a_credential_is_told(org: Sandbox) -> None:
    """The file must have the whole URL, so whoever commits it has to know."""
    org.create(f"{URL}?code=1&api_key=hush", name="a")
    done = org.run("export")
    assert "api_key=hush" in done.stdout
    assert "warning: a: the query of its URL, which may contain a credential" in done.stderr

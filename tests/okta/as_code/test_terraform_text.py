"""Hooks as resources of Okta's Terraform provider, read by a parser of HCL."""

from typing import Any

import hcl2
from hcl2 import SerializationOptions
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.okta.as_code.terraform_text import terraform_of
from okhook.okta.event_hooks import EventHook
from okhook.text import plain_lines
from tests.okta.as_code.hooks import event_hook, hostile_hooks

Json = dict[str, Any]


def parsed(text: str) -> dict[str, dict[str, Json]]:
    """Return the blocks of each kind by their names, without the marks of the parser."""
    options = SerializationOptions(
        strip_string_quotes=True, explicit_blocks=False, with_comments=False
    )
    content = hcl2.loads(text, serialization_options=options) if text else {}
    found: dict[str, dict[str, Json]] = {"variable": {}}
    for block in content.get("variable", []):
        found["variable"] |= block
    for block in content.get("resource", []):
        for kind, named in block.items():
            found.setdefault(kind, {}).update(named)
    return found


def text_of(value: str) -> str:
    """Undo the escapes of templates, which the parser leaves alone."""
    return value.replace("$${", "${").replace("%%{", "%{")


@settings(deadline=None, max_examples=30)
@given(st.lists(hostile_hooks(), max_size=3))
def test_any_hook_is_valid_hcl(hooks: list[EventHook]) -> None:
    """Each hook is a resource with its texts, whatever they are; comments stay comments."""
    text = terraform_of(hooks)
    found = parsed(text)
    resources = found.get("okta_event_hook", {})
    assert [text_of(each["name"]) for each in resources.values()] == [each.name for each in hooks]
    for hook, resource in zip(hooks, resources.values(), strict=True):
        assert {text_of(each) for each in resource["events"]} == hook.events
        assert text_of(resource["channel"]["uri"]) == hook.url
        assert ("auth" in resource) == (hook.auth_field is not None)
        keys = [text_of(each["key"]) for each in resource.get("headers", [])]
        assert keys == [key for key, _ in hook.headers]
    assert found.keys() <= {"variable", "okta_event_hook", "okta_event_hook_verification"}
    assert "hush-hush" not in text
    assert "\n".join(plain_lines(text)) == text


def test_the_provider_gets_what_its_documentation_names() -> None:
    """Attribute by attribute; the secret and credentials in sensitive variables."""
    hook = event_hook(
        auth_field="Authorization",
        headers=(("X-Stage", "dev"), ("X-Api-Key", "hush-hush")),
    )
    found = parsed(terraform_of([hook]))
    assert found["okta_event_hook"] == {
        "audit": {
            "name": "audit",
            "status": "ACTIVE",
            "events": ["user.lifecycle.create"],
            "channel": {
                "type": "HTTP",
                "version": "1.0.0",
                "uri": "https://hooks.example.com/okta",
            },
            "auth": {"type": "HEADER", "key": "Authorization", "value": "${var.audit_secret}"},
            "headers": [
                {"key": "X-Stage", "value": "dev"},
                {"key": "X-Api-Key", "value": "${var.audit_header_2}"},
            ],
        }
    }
    verification = found["okta_event_hook_verification"]["audit"]
    assert verification["event_hook_id"] == "${okta_event_hook.audit.id}"
    assert found["variable"].keys() == {"audit_secret", "audit_header_2"}
    for variable in found["variable"].values():
        assert (variable["type"], variable["sensitive"]) == ("string", True)


def test_a_changed_channel_is_verified_again() -> None:
    """The provider alone does it only in the run after the one that changed the hook."""
    verification = parsed(terraform_of([event_hook()]))["okta_event_hook_verification"]["audit"]
    (lifecycle,) = verification["lifecycle"]
    parts = ("channel", "auth", "headers")
    assert lifecycle["replace_triggered_by"] == [f"${{okta_event_hook.audit.{p}}}" for p in parts]


def test_an_inactive_hook_is_not_verified() -> None:
    """Okta verifies only active hooks."""
    found = parsed(terraform_of([event_hook(status="INACTIVE")]))
    assert found["okta_event_hook"]["audit"]["status"] == "INACTIVE"
    assert "okta_event_hook_verification" not in found


def test_what_the_provider_lacks_stands_in_comments() -> None:
    """On one line each, also if the text has several."""
    hook = event_hook(
        description="a\nb",
        filters=(("user.lifecycle.create", 'event.x == "\n}"'),),
    )
    comments = [line for line in terraform_of([hook]).splitlines() if line.startswith("#")]
    assert comments == [
        "# audit: without this command, Terraform creates another hook:",
        "#   terraform import okta_event_hook.audit who8vt36qfNpCGz9H1e6",
        r"# The provider cannot set the description: a\nb",
        "# The provider cannot set filters, and removes them when it changes the hook:",
        r'#   user.lifecycle.create if event.x == "\n}"',
    ]

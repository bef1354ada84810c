"""Hooks of an org as entries of a file: whole, and without their secrets."""

import re
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.config.settings import declared_settings
from okhook.okta.as_code.entry import (
    SECRET_VARIABLE,
    SETTINGS_OWN,
    FromVariable,
    HookEntry,
    SecretEntry,
    entries_of,
    labels,
)
from okhook.okta.event_hooks import EventHook
from tests.okta.as_code.hooks import NASTY, event_hook, hostile_hooks


@settings(deadline=None, max_examples=30)
@given(st.lists(NASTY | st.sampled_from(["a", "a_2", "A", "ä"]), max_size=8))
def test_labels_are_distinct_identifiers(names: list[str]) -> None:
    """Terraform and environment variables need both, whatever the hooks are called."""
    found = labels(names)
    assert len(set(found)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", label) for label in found)


def test_labels_tell_what_they_stand_for() -> None:
    """A person recognises the hook."""
    names = ["okhook jane@laptop", "Größe: 5", "42", "日本", "okhook jane@laptop"]
    assert labels(names) == [
        "okhook_jane_laptop", "groe_5", "hook_42", "hook", "okhook_jane_laptop_2",
    ]  # fmt: skip


def test_the_whole_hook_is_there() -> None:
    """Each part that Okta returns."""
    hook = event_hook(
        events=("user.session.start", "user.lifecycle.create"),
        headers=(("X-Stage", "dev"),),
        filters=(("user.session.start", "true"),),
        auth_field="Authorization",
        description="for tests",
        status="INACTIVE",
    )
    assert entries_of([hook]) == [
        HookEntry(
            name="audit",
            url="https://hooks.example.com/okta",
            events=("user.lifecycle.create", "user.session.start"),
            description="for tests",
            is_active=False,
            headers=(("X-Stage", "dev"),),
            filters=(("user.session.start", "true"),),
            secret=SecretEntry("Authorization"),
        )
    ]


def test_several_secrets_have_a_variable_each() -> None:
    """One secret for all hooks would be the wrong one for all but one of them."""
    a, b, c = entries_of(
        [event_hook("a", auth_field="X-A"), event_hook("b"), event_hook("c", auth_field="X-C")]
    )
    assert a.secret == SecretEntry("X-A", "OKHOOK_AUTH_SECRET_A")
    assert b.secret is None
    assert c.secret == SecretEntry("X-C", "OKHOOK_AUTH_SECRET_C")


def test_no_variable_is_that_of_a_setting() -> None:
    """OKHOOK_AUTH_SECRET_FILE names a file, for every command."""
    hooks = [event_hook("File", auth_field="X-A"), event_hook("c", auth_field="X-C")]
    named = [variable for entry in entries_of(hooks) for variable in entry.variables]
    settings = {declared.variable for declared in declared_settings().values()}
    assert named == ["OKHOOK_AUTH_SECRET_FILE_2", "OKHOOK_AUTH_SECRET_C"]
    beginning = {each for each in settings if each.startswith(f"{SECRET_VARIABLE}_")}
    assert beginning == {SETTINGS_OWN}


def test_twins_have_their_ids() -> None:
    """A name that several hooks have identifies none of them."""
    hooks = [event_hook("twin", id="who1"), event_hook("twin", id="who2"), event_hook("c")]
    assert [entry.hook_id for entry in entries_of(hooks)] == ["who1", "who2", None]


@settings(deadline=None, max_examples=30)
@given(st.lists(hostile_hooks(), max_size=4))
def test_a_header_that_may_carry_a_credential_stands_in_a_variable(hooks: list[EventHook]) -> None:
    """Its value is nowhere in the entry, and no two values share a variable."""
    entries = entries_of(hooks)
    assert "hush-hush" not in repr(entries)
    variables = [each for entry in entries for each in entry.variables]
    assert len(set(variables)) == len(variables)
    assert all(re.fullmatch(r"OKHOOK_AUTH_SECRET_[A-Z0-9_]+", each) for each in variables)


def test_other_headers_stand_as_they_are() -> None:
    """A stage or a tenant is no secret, and whoever reviews the file wants to see it."""
    headers = (("X-Stage", "dev"), ("X-Api-Key", "hush-hush"))
    (entry,) = entries_of([event_hook(headers=headers)])
    assert _values(entry.headers) == ["dev", FromVariable("OKHOOK_AUTH_SECRET_AUDIT__X_API_KEY")]


def _values(pairs: Iterable[tuple[str, str | FromVariable]]) -> list[str | FromVariable]:
    return [value for _, value in pairs]

"""The event types that hooks can have, and suggestions for mistyped ones."""

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.wire.event_types import (
    DEFAULT_EVENT_TYPE,
    RELEASE,
    eligible,
    is_eligible,
    nearest,
    not_eligible,
)


def test_the_list_has_every_eligible_type_once() -> None:
    """The release named has 314 eligible event types, none of them twice."""
    assert RELEASE == "2026.08.1"
    assert len(eligible()) == 314
    assert sum(len(line.split()) - 1 for line in lines_of_the_list()) == 314
    assert DEFAULT_EVENT_TYPE in eligible()


def test_groups_are_distinct_beginnings() -> None:
    """Each event type is in the group of its first word, or of its first two."""
    groups = [line.split() for line in lines_of_the_list()]
    assert [group for group, *_ in groups] == sorted({group for group, *_ in groups})
    for group, *rests in groups:
        assert group.count(".") <= 1
        if "." not in group:
            assert all("." not in rest for rest in rests)


def lines_of_the_list() -> list[str]:
    text = files("okhook.wire").joinpath("event_types_eligible.txt").read_text(encoding="ascii")
    return text.splitlines()


def test_eligible_types_of_every_depth_are_known() -> None:
    """Short, long and capitalised event types are read completely."""
    assert eligible() >= {
        "user.lifecycle.create",
        "user.authentication.auth_via_IDP",
        "app.user_management",
        "inline_hook.executed",
        "user.identity_verification",
        "application.provision.group_push.mapping.update.or.delete.failed.with.error",
        "workload_principal.ai_agent.sign_on_provider.remove",
    }


@pytest.mark.parametrize(
    "event_type",
    ["event_hook.delivery", "user.lifecycle.delete.completed", "", "user.lifecycle", "USER"],
)
def test_other_types_are_not_eligible(event_type: str) -> None:
    """Some are in the System Log only, others do not exist."""
    assert not is_eligible(event_type)


def test_the_system_log_has_more_types() -> None:
    """960 of the release's 1,274 event types are not eligible."""
    beyond = not_eligible()
    assert len(beyond) == 960
    assert not beyond & eligible()
    assert {"event_hook.delivery", "user.lifecycle.delete.completed"} <= beyond
    assert all(re.fullmatch(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_-]+)+", name) for name in beyond)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("user.lifecyle.create", "user.lifecycle.create"),
        ("user.lifecycle.created", "user.lifecycle.create"),
        ("User.Lifecycle.Create ", "user.lifecycle.create"),
        ("lifecycle.suspend", "user.lifecycle.suspend"),
        ("group.user_membership.added", "group.user_membership.add"),
        ("user.session.stat", "user.session.start"),
        ("user.authentication.auth_via_idp", "user.authentication.auth_via_IDP"),
    ],
)
def test_a_mistyped_event_type_has_the_right_suggestion(typed: str, meant: str) -> None:
    """The right event type is among the suggestions."""
    assert meant in nearest(typed)


def test_nothing_near_gives_nothing() -> None:
    """No suggestion is better than a far-fetched one."""
    assert nearest("zzzzzzzz") == []
    assert nearest("") == []
    assert nearest("user.lifecycle.create", 0) == []


@given(st.text(max_size=60), st.integers(min_value=0, max_value=6))
def test_suggestions_are_eligible_distinct_and_bounded(typed: str, count: int) -> None:
    """They can be pasted, and are not more than requested."""
    suggestions = nearest(typed, count)
    assert len(suggestions) == len(set(suggestions)) <= count
    assert set(suggestions) <= eligible()


@given(st.sampled_from(sorted(eligible())))
def test_an_eligible_type_is_nearest_to_itself(event_type: str) -> None:
    """The exact name leads its own suggestions."""
    assert nearest(event_type)[0] == event_type

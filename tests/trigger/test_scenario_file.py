"""Scenario files: read whole, and refused with the place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import InvalidInput
from okhook.trigger.scenario import Step
from okhook.trigger.scenario_file import read_scenario, shipped_names, shipped_text

GOOD = """
[users.jane]
firstName = "Jane"
custom = { badge = 7 }
[groups.sales]
name = "Sales"
[[steps]]
event = "user.lifecycle.create"
user = "jane"
[[steps]]
event = "group.user_membership.add"
user = "jane"
group = "sales"
"""


def refused(text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_scenario(text, "mine.toml")
    assert caught.value.next_step
    return f"{caught.value.what}\n{caught.value.why}\n{caught.value.next_step}"


def test_a_scenario_is_read() -> None:
    """Users, groups and steps come out as they were written, custom attributes among the rest."""
    scenario = read_scenario(GOOD, "mine.toml")
    assert scenario.users == {"jane": {"firstName": "Jane", "badge": 7}}
    assert scenario.groups == {"sales": "Sales"}
    assert scenario.steps == (
        Step("user.lifecycle.create", "jane"),
        Step("group.user_membership.add", "jane", "sales"),
    )
    assert scenario.event_types == ("user.lifecycle.create", "group.user_membership.add")


UPDATE = 'event = "user.account.update_profile"\nuser = "jane"\n'


def test_a_step_has_the_attributes_that_it_sets_field_18() -> None:
    """The org's own are among them; without any, okhook chooses one."""
    profile = 'profile = { department = "Sales", custom = { badge = 8 } }'
    text = f"{GOOD}[[steps]]\n{UPDATE}{profile}\n[[steps]]\n{UPDATE}"
    steps = read_scenario(text, "mine.toml").steps[2:]
    assert [step.profile for step in steps] == [{"department": "Sales", "badge": 8}, None]


@pytest.mark.parametrize("name", shipped_names())
def test_what_is_shipped_can_be_read(name: str) -> None:
    """Each scenario that comes with okhook is one."""
    text = shipped_text(name)
    assert text is not None
    assert len(read_scenario(text, name).steps) > 1


def test_the_shipped_ones_are_known_by_name_alone() -> None:
    """A path is no name of a shipped scenario."""
    assert shipped_names() == ["joiner-mover-leaver"]
    assert shipped_text("../scenarios/joiner-mover-leaver") is None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("[users.jane]", "[user.jane]"), "unknown name user\nNone\ndid you mean users?"),
        (("firstName", "firstname"), "[users.jane]: unknown name firstname"),
        (('firstName = "Jane"', 'login = "jane"'), "[users.jane]: okhook sets login itself"),
        (('firstName = "Jane"', "firstName = 7"), "[users.jane]: firstName must be a string"),
        (("badge = 7", "badge = { a = 1 }"), "[users.jane]: badge must be a string"),
        (("badge = 7", 'email = "x@y.z"'), "[users.jane]: email must be"),
        (("badge = 7", "badge = nan"), "[users.jane]: badge must be"),
        (("badge = 7", "badge = [1, inf]"), "[users.jane]: badge must be"),
        (("badge = 7", f"badge = 0x{'f' * 9000}"), "[users.jane]: badge must be"),
        (("badge = 7", f"badge = {'9' * 9000}"), "invalid TOML"),
        (("badge = 7", f"badge = {'[' * 9000}"), "invalid TOML"),
        (('name = "Sales"', "name = 7"), "[groups.sales]: name must be a string"),
        (('name = "Sales"', "size = 7"), "[groups.sales]: unknown name size"),
        (('"user.lifecycle.create"', '"user.lifecycle.creat"'), "step 1: event must be"),
        (('user = "jane"', 'user = "joe"'), "step 1: user must be one of those"),
        (('group = "sales"', 'group = "support"'), "step 2: group must be one of those"),
        (('group = "sales"', ""), "step 2: group must be one of those"),
        (('group = "sales"', 'gruop = "sales"'), "step 2: unknown name gruop"),
        (("group.user_membership.add", "user.lifecycle.suspend"), "step 2: user.lifecycle.suspend"),
        (("user.lifecycle.create", "user.lifecycle.activate"), "step 1: user.lifecycle.activate"),
        (("[users.jane]", '[users."a b"]'), "[users.a b]: expected a name of up to 30 letters"),
        (("[[steps]]", "[[stages]]"), "unknown name stages"),
        (("[users.jane]", "[users.a_b]\n[users.A-b]"), "[users.A-b] would have the same name as"),
        (("[groups.sales]", "[groups.SALES]\n[groups.sales]"), "[groups.sales] would have the"),
        (("[users.jane]", "[users.jane"), "invalid TOML"),
        (('group = "sales"', "profile = {}"), "step 2: group.user_membership.add takes no profile"),
        (
            ('"group.user_membership.add"', '"user.account.lock"\nprofile = {}'),
            "step 2: user.account.lock takes no profile",
        ),
        *(
            (
                (
                    'event = "group.user_membership.add"\nuser = "jane"\ngroup = "sales"\n',
                    f"{UPDATE}profile = {profile}\n",
                ),
                f"step 2: {says}",
            )
            for profile, says in (
                ("{}", "profile must be a table"),
                ("7", "profile must be a table"),
                ("{ login = 'x' }", "okhook sets login itself"),
                ("{ shoe = 7 }", "unknown name shoe"),
            )
        ),
    ],
)
def test_each_fault_is_named_with_its_place(change: tuple[str, str], place: str) -> None:
    """What cannot be meant is refused before anything is done, and the error says where it is."""
    assert f"mine.toml: {place}" in refused(GOOD.replace(*change, 1))


@pytest.mark.parametrize("text", ["", "steps = 7", "users = 7\nsteps = []", "steps = [1]"])
def test_what_has_no_steps_is_refused(text: str) -> None:
    """A file without a step that can be read is none."""
    assert refused(text)


def test_a_user_is_used_after_it_is_created_and_not_after_it_is_deleted() -> None:
    """The steps are rehearsed in their order."""
    step = '[[steps]]\nevent = "{}"\nuser = "jane"\n'
    lifecycle = ("create", "deactivate", "delete.initiated", "activate")
    text = "[users.jane]\n" + "".join(step.format(f"user.lifecycle.{each}") for each in lifecycle)
    assert "step 4: user.lifecycle.activate needs a user that is STAGED" in refused(text)
    assert "jane is deleted at that point" in refused(text)


_VALUES = st.recursive(
    st.booleans() | st.integers() | st.text("abé$.", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=6,
)


@given(st.sampled_from(["users", "groups", "steps", "other"]), _VALUES)
def test_no_content_does_more_than_be_refused(table: str, value: object) -> None:
    """Whatever stands in place of a table is refused, and nothing of it breaks the reading."""
    text = f"{table} = {_as_toml(value)}\n"
    with pytest.raises(InvalidInput):
        read_scenario(text, "mine.toml")


def _as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}" = {_as_toml(v)}' for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_as_toml, value)) + "]"
    return json.dumps(value)

"""A hook is named by id or name, and names are not unique."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import InvalidInput
from okhook.okta.event_hooks import EventHook, body_of, read_event_hook
from okhook.okta.hook_choice import chosen
from okhook.okta.refusals import NotFound
from okhook.text import plain
from tests.okta.fake_org import FakeOrg
from tests.okta.setup import ORG, WANTED


def a_hook(hook_id: str, name: str, url: str = WANTED.url) -> EventHook:
    wanted = replace(WANTED, name=name, url=url)
    return read_event_hook(FakeOrg().add(body_of(wanted, description=None), hook_id))


def choose(named: str, *hooks: EventHook) -> EventHook:
    return chosen(named, hooks, ORG, lambda text: text.replace("hidden", "…"))


ONE, TWO, TWIN = a_hook("who1", "one"), a_hook("who2", "two"), a_hook("who3", "two")


def test_by_id_and_by_name() -> None:
    """Either will do, and a name counts as it is written."""
    assert choose("who2", ONE, TWO, TWIN) is TWO
    assert choose("one", ONE, TWO, TWIN) is ONE
    with pytest.raises(NotFound):
        choose("One", ONE, TWO)


def test_an_id_goes_before_a_name() -> None:
    """A hook that is called like another one's id does not get in its way."""
    assert choose("who2", a_hook("who9", "who2"), TWO) is TWO


def test_twins_are_named_by_their_ids() -> None:
    """All of them, and only them; one is asked for by its id."""
    with pytest.raises(InvalidInput) as caught:
        choose("two", ONE, TWO, TWIN)
    assert "2 event hooks called two" in caught.value.what
    assert [line.split()[0] for line in str(caught.value.why).splitlines()] == ["who2", "who3"]
    assert "the hook's id" in str(caught.value.next_step)


def test_what_is_near_is_offered() -> None:
    """A slip of the finger shows the hook that was meant; anything else shows all of a few."""
    with pytest.raises(NotFound) as near:
        choose("oen", ONE, TWO)
    assert str(near.value.why).startswith("who1  one")
    assert "who2" not in str(near.value.why)
    with pytest.raises(NotFound) as far:
        choose("zzz", *(a_hook(f"who{number}", f"{number}") for number in range(12)))
    assert str(far.value.why).splitlines()[-1] == "and 2 more"
    with pytest.raises(NotFound) as none:
        choose("zzz")
    assert none.value.why is None
    assert "okhook register" in str(none.value.next_step)


hostile = st.text(st.sampled_from("a\x1b[]31m\n\r\u202e\x07\u200b\ue000"), max_size=12)


@given(name=hostile, url=hostile)
def test_what_an_org_says_stays_text(name: str, url: str) -> None:
    """Neither name nor URL moves a cursor or forges a line, and secrets are blotted out."""
    hooks = [
        replace(a_hook(hook_id, "x"), name=name, url=f"{url}hidden") for hook_id in ("who1", "who2")
    ]
    with pytest.raises((InvalidInput, NotFound)) as caught:
        choose(name, *hooks) if name else choose("zzz", *hooks)
    assert plain(caught.value.what) == caught.value.what
    assert len(str(caught.value.why).splitlines()) == 2
    assert all(plain(line) == line for line in str(caught.value.why).splitlines())
    assert "hidden" not in str(caught.value.why)

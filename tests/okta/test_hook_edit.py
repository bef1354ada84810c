"""An edit is the definition that the org has with some of it changed, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import ConfigurationError, InvalidInput
from okhook.okta.event_hooks import EventHook, WantedHook, body_of, differences, read_event_hook
from okhook.okta.hook_edit import HookEdit, ListEdit, edited, filters_of, not_there, pairs_of
from okhook.secret import HookAuth, Secret
from tests.okta.fake_org import FakeOrg, shown
from tests.okta.setup import SECRET, WANTED

AUTH = HookAuth("Authorization", Secret(SECRET))
FULL = replace(
    WANTED,
    description="mine",
    events=("user.session.start", "user.lifecycle.create"),
    headers=(("X-Stage", "test"), ("X-Team", "a")),
    filters=(("user.lifecycle.create", "true"), ("user.session.start", "false")),
)


def existing(wanted: WantedHook = FULL) -> EventHook:
    """Return the hook as an org gives it back."""
    return read_event_hook(shown(FakeOrg().add(body_of(wanted, description=wanted.description))))


def test_an_edit_of_one_thing_leaves_the_rest() -> None:
    """Each part that can be changed, one at a time."""
    edits = {
        "name": HookEdit(name="other"),
        "url": HookEdit(url="https://elsewhere.example.com/"),
        "description": HookEdit(description="theirs"),
        "events": HookEdit(events=ListEdit(add=(("user.session.end", ""),))),
        "headers": HookEdit(headers=ListEdit(remove=("x-team",))),
        "filters": HookEdit(filters=ListEdit(add=(("user.session.start", "true"),))),
    }
    for part, edit in edits.items():
        assert differences(edited(existing(), edit, AUTH), existing()) == (part,)
    assert differences(edited(existing(), HookEdit(), AUTH), existing()) == ()


def test_lists_are_added_to_taken_from_and_replaced() -> None:
    """One with the same key takes the place; header names have no case."""
    hook = existing()
    assert edited(hook, HookEdit(headers=ListEdit(add=(("x-stage", "b"),))), AUTH).headers == (
        ("X-Team", "a"),
        ("x-stage", "b"),
    )
    assert edited(hook, HookEdit(headers=ListEdit(all=())), AUTH).headers == ()
    events = ListEdit(add=(("a.b", ""),), remove=("user.session.start",))
    assert edited(hook, HookEdit(events=events), AUTH).events == ("user.lifecycle.create", "a.b")
    events = ListEdit(all=(("a.b", ""), ("c.d", "")))
    assert edited(hook, HookEdit(events=events), AUTH).events == ("a.b", "c.d")


def test_a_filter_goes_with_its_event_type() -> None:
    """Nobody has to name it twice; one for a type that was never there is still an error."""
    gone = HookEdit(events=ListEdit(remove=("user.session.start",)))
    assert edited(existing(), gone, AUTH).filters == (("user.lifecycle.create", "true"),)
    replaced = HookEdit(events=ListEdit(all=(("user.session.start", ""),)))
    assert edited(existing(), replaced, AUTH).filters == (("user.session.start", "false"),)
    stray = HookEdit(filters=ListEdit(add=(("a.b", "true"),)))
    assert ("a.b", "true") in edited(existing(), stray, AUTH).filters


@pytest.mark.parametrize(
    ("word", "edit"),
    [
        ("event", HookEdit(events=ListEdit(all=(), add=(("a.b", ""),)))),
        ("header", HookEdit(headers=ListEdit(all=(), remove=("X-Team",)))),
        ("filter", HookEdit(filters=ListEdit(all=(), add=(("a.b", "true"),)))),
    ],
)
def test_replacing_and_changing_contradict(word: str, edit: HookEdit) -> None:
    """It is said with the flags as they are written."""
    with pytest.raises(InvalidInput, match=f"cannot combine --{word} with --add-{word}"):
        edited(existing(), edit, AUTH)


def test_a_secret_is_never_lost() -> None:
    """Without it nothing is sent at all, whatever shall change; a hook without one needs none."""
    with pytest.raises(ConfigurationError) as caught:
        edited(existing(), HookEdit(description="x"), None)
    assert "OKHOOK_AUTH_SECRET" in str(caught.value.next_step)
    assert "header Authorization" in str(caught.value.why)
    open_hook = existing(replace(FULL, auth=None))
    assert edited(open_hook, HookEdit(description="x"), None).auth is None


def test_what_is_not_there_is_said() -> None:
    """A slip in an event type is recognised; what is there is no reason for a word."""
    edit = HookEdit(
        events=ListEdit(remove=("user.lifecyle.create", "user.session.start", "\x1b")),
        headers=ListEdit(remove=("X-STAGE", "X-None")),
        filters=ListEdit(remove=("user.session.end",)),
    )
    said = list(not_there(existing(), edit))
    assert said[0].startswith("the hook has no event user.lifecyle.create; did you mean user.life")
    assert said[1:] == [
        "the hook has no event \\x1b",
        "the hook has no header X-None",
        "the hook has no filter user.session.end",
    ]


def test_only_an_edit_of_nothing_is_empty() -> None:
    """An empty description takes one away, and an empty list replaces one: both are changes."""
    assert HookEdit().is_empty
    for edit in (
        HookEdit(description=""),
        HookEdit(events=ListEdit(all=())),
        HookEdit(headers=ListEdit(remove=("a",))),
        HookEdit(filters=ListEdit(add=(("a", "b"),))),
    ):
        assert not edit.is_empty


keys = st.sampled_from(["a.a", "b.b", "c.c", "d.d"])


@given(
    here=st.sets(keys, min_size=1),
    add=st.lists(keys, unique=True, max_size=3),
    remove=st.lists(keys, unique=True, max_size=3),
)
def test_adding_and_removing_are_done_once(
    here: set[str], add: list[str], remove: list[str]
) -> None:
    """An edit applied to its own result changes nothing: running it twice writes once."""
    hook = existing(replace(WANTED, events=tuple(here)))
    edit = HookEdit(events=ListEdit(add=tuple((name, "") for name in add), remove=tuple(remove)))
    once = edited(hook, edit, AUTH)
    assert set(once.events) == (here - set(remove)) | set(add)
    assert len(once.events) == len(set(once.events))
    again = edited(existing(once), edit, AUTH)
    assert set(again.events) == set(once.events)


def test_headers_and_filters_are_split_once() -> None:
    """The first colon, the first equals sign; blanks around them do not count."""
    assert pairs_of(["X-A: b:c ", "X-D:e"], "--header") == (("X-A", "b:c"), ("X-D", "e"))
    assert filters_of(["user.x=a eq 'b=c'"]) == (("user.x", "a eq 'b=c'"),)


def test_an_error_does_not_repeat_the_value() -> None:
    """A header may contain a secret."""
    with pytest.raises(InvalidInput) as caught:
        pairs_of(["X-Secret s3cr3t"], "--header")
    assert "s3cr3t" not in f"{caught.value.what}{caught.value.why}{caught.value.next_step}"
    with pytest.raises(InvalidInput):
        filters_of(["user.lifecycle.create"])
    with pytest.raises(InvalidInput, match="invalid --add-filter value: expected 'TYPE="):
        filters_of(["user.lifecycle.create"], "--add-filter")

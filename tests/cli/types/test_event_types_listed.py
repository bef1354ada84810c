"""The catalogue with what an org and a store add to it."""

from dataclasses import replace

from okhook.cli.types.run import event_types_listed
from okhook.okta.activities import EventTypeListed
from okhook.okta.event_hooks import body_of, read_event_hook
from okhook.wire.event_types import eligible, not_eligible
from tests.okta.fake_org import FakeOrg
from tests.okta.setup import WANTED


def named(listed: list[EventTypeListed]) -> list[str]:
    return [each.event_type for each in listed]


def test_what_a_hook_can_have_comes_first() -> None:
    """All of it, in order, and then the rest, in order."""
    listed = event_types_listed("", hooks=None, seen=())
    assert named(listed) == [*sorted(eligible()), *sorted(not_eligible())]
    assert [each.eligible for each in listed] == [True] * 314 + [False] * 960
    assert {each.subscribed for each in listed} == {None}


def test_every_word_is_looked_for() -> None:
    """In any case and order, anywhere in the name; what no hook can have comes last here too."""
    assert named(event_types_listed("START Session", hooks=None, seen=())) == [
        "user.session.start",
        "user.device_session.start",
    ]
    assert event_types_listed("no.such", hooks=None, seen=()) == []


def test_hooks_and_store_are_told_apart() -> None:
    """Which hooks have a type, and whether the store has seen it; an org without hooks has none."""
    org = FakeOrg()
    wanted = replace(WANTED, events=("user.session.start", "user.lifecycle.create"))
    hooks = [
        read_event_hook(org.add(body_of(WANTED, description=None), "who1")),
        read_event_hook(org.add(body_of(wanted, description=None), "who2")),
    ]
    listed = event_types_listed("user.", hooks=hooks, seen={"user.session.start"})
    known = {each.event_type: each for each in listed}
    assert known["user.lifecycle.create"].to_json() == {
        "type": "event_type",
        "event_type": "user.lifecycle.create",
        "eligible": True,
        "subscribed": ["who1", "who2"],
        "seen": False,
    }
    assert known["user.session.start"].to_json()["subscribed"] == ["who2"]
    assert known["user.session.start"].seen
    assert known["user.session.end"].subscribed == ()


def test_a_type_that_okta_is_ahead_with_is_there() -> None:
    """What a hook has or a store has seen exists, whatever the catalogue says."""
    wanted = replace(WANTED, events=("brand.new.create",))
    hooks = [read_event_hook(FakeOrg().add(body_of(wanted, description=None), "who1"))]
    listed = event_types_listed("brand.new", hooks=hooks, seen={"brand.new.seen"})
    assert [(each.event_type, each.eligible, each.seen) for each in listed] == [
        ("brand.new.create", None, False),
        ("brand.new.seen", None, True),
    ]

"""The plan: what differs between a file and an org, and nothing else."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.config.setting import Setting
from okhook.errors import ConfigurationError
from okhook.okta.as_code.entry import FromVariable, GivenSecrets, HookEntry, SecretEntry, entries_of
from okhook.okta.as_code.plan import HookPlanned, Plan, plan_of
from okhook.okta.event_hooks import EventHook
from okhook.secret import HookAuth, Secret
from tests.okta.as_code.hooks import event_hook, hostile_hooks
from tests.okta.as_code.test_toml_text import distinct

NO_SECRETS = GivenSecrets(None, {})
ENTRY = HookEntry("audit", "https://hooks.example.com/okta", ("user.lifecycle.create",))
ORG = "https://dev-123.okta.com"


def planned(
    *pairs: tuple[HookEntry, EventHook | None],
    given: GivenSecrets = NO_SECRETS,
    others: tuple[EventHook, ...] = (),
    known: bool = False,
    prune: bool = False,
    verify: bool = True,
) -> Plan:
    hooks = [existing for _, existing in pairs if existing is not None]
    return plan_of(
        ORG, pairs, [*hooks, *others], given=given, wrote=lambda *_: known,
        prune=prune, verify=verify,
    )  # fmt: skip


def only(plan: Plan) -> HookPlanned:
    (hook,) = plan.hooks
    return hook


def parts(hook: HookPlanned) -> list[str]:
    return [change.part for change in hook.changes]


@settings(deadline=None, max_examples=50)
@given(st.lists(hostile_hooks(), max_size=3).map(distinct))
def test_what_was_exported_changes_nothing(hooks: list[EventHook]) -> None:
    """Whatever the hooks look like, and although no secret is known."""
    plan = planned(*zip(entries_of(hooks), hooks, strict=True), prune=True)
    assert not plan.to_do()
    assert plan.summary.unchanged == len(hooks)


def test_each_part_that_differs_is_named() -> None:
    """With what goes and what comes."""
    existing = event_hook(headers=(("X-Stage", "dev"), ("X-A", "1")), description="old")
    entry = HookEntry(
        "Audit", "https://b.example.com/", ("user.session.start", "user.lifecycle.create"),
        headers=(("x-stage", "prod"), ("X-A", "1")), filters=(("user.session.start", "true"),),
    )  # fmt: skip
    hook = only(planned((entry, existing)))
    assert hook.action == "update"
    assert {change.part: (change.removed, change.added) for change in hook.changes} == {
        "name": (("audit",), ("Audit",)),
        "description": (("old",), ()),
        "url": (("https://hooks.example.com/okta",), ("https://b.example.com/",)),
        "events": ((), ("user.session.start",)),
        "filters": ((), ("user.session.start=true",)),
        "headers": (("X-Stage: dev",), ("x-stage: prod",)),
    }
    assert hook.verify


@pytest.mark.parametrize(
    ("status", "verification", "is_active", "action", "verifies"),
    [
        ("ACTIVE", "VERIFIED", True, "unchanged", False),
        ("ACTIVE", "UNVERIFIED", True, "verify", True),
        ("INACTIVE", "VERIFIED", True, "update", False),
        ("INACTIVE", "UNVERIFIED", True, "update", True),
        ("ACTIVE", "UNVERIFIED", False, "update", False),
        ("INACTIVE", "UNVERIFIED", False, "unchanged", False),
    ],
)
def test_status_and_verification(
    status: str, verification: str, is_active: bool, action: str, verifies: bool
) -> None:
    """An active hook is verified, and an inactive one is not."""
    existing = event_hook(status=status, verificationStatus=verification)
    entry = HookEntry(ENTRY.name, ENTRY.url, ENTRY.events, is_active=is_active)
    hook = only(planned((entry, existing)))
    assert (hook.action, hook.verify) == (action, verifies)
    assert only(planned((entry, existing), verify=False)).verify is False


@pytest.mark.parametrize(
    ("entry", "verifies"),
    [
        (replace(ENTRY, events=("user.session.start",)), False),
        (replace(ENTRY, description="x"), False),
        (replace(ENTRY, url="https://b.example.com/"), True),
        (replace(ENTRY, headers=(("X-A", "1"),)), True),
    ],
)
def test_only_a_changed_channel_is_verified_again(entry: HookEntry, verifies: bool) -> None:
    """Okta marks a hook UNVERIFIED after those."""
    assert only(planned((entry, event_hook()))).verify is verifies


WITH_SECRET = HookEntry(ENTRY.name, ENTRY.url, ENTRY.events, secret=SecretEntry("Authorization"))
GIVEN = GivenSecrets(Setting(HookAuth("X-Other", Secret("hush-hush")), "OKHOOK_AUTH_SECRET"), {})


def test_a_secret_that_is_not_set_stays_as_it_is() -> None:
    """Until something else changes: then it is needed, because a change replaces all."""
    existing = event_hook(auth_field="authorization")
    assert only(planned((WITH_SECRET, existing))).action == "unchanged"
    hook = only(planned((WITH_SECRET, event_hook("old", auth_field="Authorization"))))
    assert hook.needs == ("OKHOOK_AUTH_SECRET",)
    assert only(planned((WITH_SECRET, None))).needs == ("OKHOOK_AUTH_SECRET",)


def test_a_secret_that_is_set() -> None:
    """It is sent unless it is known to be there, in the header that the file names."""
    existing = event_hook(auth_field="Authorization")
    assert only(planned((WITH_SECRET, existing), given=GIVEN, known=True)).action == "unchanged"
    hook = only(planned((WITH_SECRET, existing), given=GIVEN))
    assert (parts(hook), hook.verify, hook.secrets) == (["secret"], True, ("OKHOOK_AUTH_SECRET",))
    assert hook.wanted is not None
    assert hook.wanted.auth == HookAuth("Authorization", Secret("hush-hush"))
    assert "hush-hush" not in repr(hook.to_json())


def test_a_hook_gets_only_the_secret_that_its_entry_names() -> None:
    """Not the secret of the settings, if it names a variable, or none."""
    own = HookEntry(
        ENTRY.name, ENTRY.url, ENTRY.events, secret=SecretEntry("X-S", "OKHOOK_AUTH_SECRET_A")
    )
    assert only(planned((own, None), given=GIVEN)).needs == ("OKHOOK_AUTH_SECRET_A",)
    named = GivenSecrets(GIVEN.of_settings, {"OKHOOK_AUTH_SECRET_A": Secret("of-a")})
    hook = only(planned((own, None), given=named))
    assert hook.wanted is not None
    assert hook.wanted.auth == HookAuth("X-S", Secret("of-a"))
    hook = only(planned((ENTRY, None), given=named))
    assert hook.wanted is not None
    assert (hook.wanted.auth, hook.secrets) == (None, ())


def test_a_secret_is_never_removed() -> None:
    """A file that forgets it would open the endpoint to everyone."""
    with pytest.raises(ConfigurationError, match="would lose its secret") as caught:
        planned((ENTRY, event_hook(auth_field="X-Key")))
    assert 'secret = { header = "X-Key" }' in str(caught.value.next_step)


def test_headers_in_variables() -> None:
    """One that is not set stays as it is; no value is shown."""
    variable = "OKHOOK_AUTH_SECRET_K"
    entry = HookEntry(
        ENTRY.name, ENTRY.url, ENTRY.events, headers=(("X-Tenant", FromVariable(variable)),)
    )
    existing = event_hook(headers=(("x-tenant", "of-now"),))
    assert only(planned((entry, existing))).action == "unchanged"
    assert only(planned((entry, event_hook()))).needs == (variable,)
    given = GivenSecrets(None, {variable: Secret("of-then")})
    hook = only(planned((entry, existing), given=given))
    assert (parts(hook), hook.secrets) == (["headers"], (variable,))
    assert hook.wanted is not None
    assert hook.wanted.headers == (("X-Tenant", "of-then"),)
    assert not {"of-now", "of-then"} & {*repr(hook.to_json()).split("'")}
    assert "of-" not in repr(hook.to_json())


def test_hooks_that_are_not_in_the_file() -> None:
    """They stay unless they are to be pruned, and go after everything else."""
    other = event_hook("other", id="who2")
    plan = planned((ENTRY, event_hook()), others=(other,))
    assert ([hook.name for hook in plan.not_in_file], plan.summary.delete) == (["other"], 0)
    new = HookEntry("new", ENTRY.url, ENTRY.events)
    plan = planned((ENTRY, event_hook()), (new, None), others=(other,), prune=True)
    assert [(hook.name, hook.action) for hook in plan.to_do()] == [
        ("new", "create"), ("other", "delete"),
    ]  # fmt: skip
    assert (plan.not_in_file, plan.summary.delete) == ((), 1)


def test_no_more_active_hooks_than_an_org_can_have() -> None:
    """Hooks that are deactivated make room, and come first; those that are deleted go last."""
    hooks = [event_hook(f"h{number}", id=f"who{number}") for number in range(25)]
    pairs: list[tuple[HookEntry, EventHook | None]] = list(
        zip(entries_of(hooks), hooks, strict=True)
    )
    new = (HookEntry("new", ENTRY.url, ENTRY.events), None)
    with pytest.raises(ConfigurationError, match="would have 26 active event hooks"):
        planned(*pairs, new)
    with pytest.raises(ConfigurationError, match="would have 26 active event hooks"):
        planned(*pairs[1:], new, others=(hooks[0],), prune=True)
    off = HookEntry("h0", ENTRY.url, ENTRY.events, is_active=False)
    plan = planned((off, hooks[0]), *pairs[1:], new)
    assert [hook.name for hook in plan.to_do()] == ["h0", "new"]


def test_a_credential_in_the_url_is_not_shown() -> None:
    """A plan is often printed into the log of a CI job."""
    entry = replace(ENTRY, url="https://hooks.example.com/okta?token=new&stage=b")
    existing = event_hook(url="https://hooks.example.com/okta?token=old&stage=b")
    hook = only(planned((entry, existing)))
    assert (parts(hook), hook.verify) == (["url"], True)
    assert hook.wanted is not None
    assert hook.wanted.url == entry.url
    assert hook.url == "https://hooks.example.com/okta?token=[hidden]&stage=b"
    assert not {"old", "new"} & {*re.findall(r"\w+", repr(hook.to_json()))}


def test_an_event_type_that_is_named_twice() -> None:
    """It is sent once."""
    entry = replace(ENTRY, events=ENTRY.events * 2)
    assert only(planned((entry, event_hook()))).action == "unchanged"
    hook = only(planned((entry, None)))
    assert hook.wanted is not None
    assert hook.wanted.events == ENTRY.events

"""The plan of ``hooks apply`` on a terminal."""

from okhook.activity import Activity
from okhook.cli.hooks.view import render_plan
from okhook.okta.as_code.entry import GivenSecrets, HookEntry, SecretEntry
from okhook.okta.as_code.plan import PlanSummed, plan_of
from okhook.okta.event_hooks import EventHook
from okhook.secret import Secret
from tests.okta.as_code.hooks import event_hook

ENTRY = HookEntry(
    "audit",
    "https://b.example.com/",
    ("user.lifecycle.create", "user.session.end"),
    headers=(("X-Stage", "prod"), ("X-Api-Key", "new-key")),
    secret=SecretEntry("X-Secret", "OKHOOK_AUTH_SECRET_A"),
)
GIVEN = GivenSecrets(None, {"OKHOOK_AUTH_SECRET_A": Secret("hush-hush")})


def lines(activity: Activity) -> list[str]:
    return [line.plain for line in render_plan(activity)]


def plan_lines(existing: EventHook | None, given: GivenSecrets = GIVEN) -> list[str]:
    hooks = [existing] if existing else []
    plan = plan_of(
        "https://o.okta.com", [(ENTRY, existing)], hooks, given=given,
        wrote=lambda *_: False, prune=False, verify=True,
    )  # fmt: skip
    return lines(plan.hooks[0])


def test_a_new_hook() -> None:
    """All that it will have; of secrets only where they come from, and what is not set."""
    assert plan_lines(None) == [
        "+ audit",
        "  url          https://b.example.com/",
        "  events       user.lifecycle.create, user.session.end",
        "  headers      X-Stage: prod, X-Api-Key: [hidden]",
        "  secret in    X-Secret",
        "  sends        the value of OKHOOK_AUTH_SECRET_A",
        "  verify       Okta calls the URL once",
    ]
    assert plan_lines(None, GivenSecrets(None, {}))[-1] == "  needs        OKHOOK_AUTH_SECRET_A"


def test_a_hook_that_changes() -> None:
    """What goes and what comes; a list names only the difference."""
    existing = event_hook(
        events=("user.lifecycle.create", "user.session.start"),
        headers=(("X-Stage", "prod"), ("X-Api-Key", "old-key")),
        description="old",
        status="INACTIVE",
    )
    assert plan_lines(existing) == [
        "~ audit  who8vt36qfNpCGz9H1e6",
        "  description  old → none",
        "  url          https://hooks.example.com/okta → https://b.example.com/",
        "  events       - user.session.start",
        "  events       + user.session.end",
        "  headers      set again",
        "  secret in    none → X-Secret",
        "  secret       set again",
        "  status       INACTIVE → ACTIVE",
        "  sends        the value of OKHOOK_AUTH_SECRET_A",
        "  verify       Okta calls the URL once",
    ]


def test_the_summary() -> None:
    """Only counts that are not zero."""
    org = "https://o.okta.com"
    assert lines(PlanSummed(org, 0, 0, 0, 0, 0, 0)) == ["plan: nothing to do"]
    assert lines(PlanSummed(org, 1, 2, 0, 3, 4, 5)) == [
        "plan: 1 to create, 2 to change, 3 to delete, 4 unchanged"
    ]

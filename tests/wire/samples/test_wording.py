"""The messages and results of sample events."""

import pytest

from okhook.wire.event_types import eligible
from okhook.wire.samples.catalogue import legacy_type_of, message_of, result_of
from tests.support.each import check_each


def test_every_message_reads_as_a_sentence() -> None:
    """It has two words or more, a capital first, and no dots or underscores."""
    check_each(sorted(eligible()), _reads_as_a_sentence)


def _reads_as_a_sentence(event_type: str) -> None:
    message = message_of(event_type)
    assert message[0].isupper()
    assert len(message.split()) >= 2
    assert "_" not in message
    assert "." not in message.replace("2.0", "")
    assert message == message.strip()


def test_messages_are_distinct_where_the_types_are() -> None:
    """A wrong entry in the table would cause the same message twice."""
    said: dict[str, list[str]] = {}
    for event_type in sorted(eligible()):
        said.setdefault(message_of(event_type), []).append(event_type)
    assert sorted(types for types in said.values() if len(types) > 1) == [
        [
            "app.oauth2.as.token.grant.interclient_token",
            "app.oauth2.token.grant.interclient_token",
        ]
    ]


@pytest.mark.parametrize(
    ("event_type", "message"),
    [
        ("user.lifecycle.suspend", "Suspend Okta user"),
        ("access.request.expire", "Expire access request"),
        ("app.ai_agent_provider.credential.validate", "Validate AI agent provider credential"),
        ("acme.new_thing.create", "Acme new thing create"),
    ],
)
def test_messages_are_made_of_verb_and_noun(event_type: str, message: str) -> None:
    """The verb is the last word of the event type, the noun comes from the family."""
    assert message_of(event_type) == message


def test_legacy_names_are_given_where_known() -> None:
    """Event types that are newer than the Events API have no legacy name."""
    assert legacy_type_of("user.lifecycle.create") == "core.user.config.user_creation.success"
    assert legacy_type_of("workload_principal.ai_agent.register") is None


@pytest.mark.parametrize(
    ("event_type", "outcome", "severity"),
    [
        ("user.lifecycle.create", "SUCCESS", "INFO"),
        ("application.policy.sign_on.deny_access", "DENY", "WARN"),
        ("access.request.reject", "DENY", "WARN"),
        ("entitlement.migration.fail", "FAILURE", "WARN"),
        (
            "application.provision.group_push.mapping.update.or.delete.failed.with.error",
            "FAILURE",
            "WARN",
        ),
        ("system.org.rate_limit.violation", "RATE_LIMIT", "WARN"),
        ("system.org.rate_limit.warning", "SUCCESS", "WARN"),
        ("user.account.lock", "FAILURE", "WARN"),
        ("application.provision.user.delete.schedule", "SCHEDULED", "INFO"),
        ("security.breached_credential.detected", "SUCCESS", "WARN"),
    ],
)
def test_results_follow_the_name(event_type: str, outcome: str, severity: str) -> None:
    """An event type that names a failure, a denial or a violation ends so, as a warning."""
    found_outcome, _, found_severity = result_of(event_type)
    assert (found_outcome, found_severity) == (outcome, severity)


def test_every_failure_is_a_warning_with_a_reason() -> None:
    """A failure or denial has a reason, and the severity WARN."""
    for event_type in sorted(eligible()):
        outcome, reason, severity = result_of(event_type)
        if outcome in ("FAILURE", "DENY", "RATE_LIMIT"):
            assert severity == "WARN"
            assert reason

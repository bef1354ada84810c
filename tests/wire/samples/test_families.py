"""Every eligible event type belongs to a family of its own kind."""

from importlib.resources import files

import pytest

from okhook.wire.event_types import eligible
from okhook.wire.samples.catalogue import GENERIC, ActorKind, family_of, table
from tests.support.each import check_each


def test_every_eligible_type_has_a_family() -> None:
    """No eligible type falls through to the generic sample."""
    check_each(sorted(eligible()), _has_a_family)


def _has_a_family(event_type: str) -> None:
    family = family_of(event_type)
    assert family is not None
    assert event_type == family.name or event_type.startswith(f"{family.name}.")
    assert family.targets
    assert family.noun


def test_every_family_has_a_type() -> None:
    """A family without an eligible event type has a typing error in its name."""
    used = {family.name for each in eligible() if (family := family_of(each))}
    assert set(table("families")) == used


def test_names_are_unique() -> None:
    """Two lines of a table with one name would cannot be used together."""
    for name in ("families", "targets", "messages", "legacy_names", "results", "request_paths"):
        text = files("okhook.wire.samples").joinpath(f"{name}.txt").read_text(encoding="ascii")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert len(table(name)) == len(lines)


def test_no_family_is_a_catch_all() -> None:
    """A family's name has at least the first word of its event types."""
    too_broad = {"app", "application", "user", "group", "system", "policy", "resource", ""}
    assert not too_broad & set(table("families"))


def test_target_types_are_known_and_used() -> None:
    """Every target type of a family exists, and every target type is used."""
    named = {target for row in table("families").values() for target in row[2].split(", ")}
    assert named | set(GENERIC.targets) == {*table("targets"), "User", "AppUser"}


@pytest.mark.parametrize(
    ("event_type", "targets", "actor_kind"),
    [
        ("user.lifecycle.create", ("User",), ActorKind.ADMIN),
        ("group.user_membership.add", ("User", "UserGroup"), ActorKind.ADMIN),
        ("application.user_membership.add", ("AppUser", "AppInstance", "User"), ActorKind.ADMIN),
        ("policy.lifecycle.update", ("PolicyEntity",), ActorKind.ADMIN),
        ("policy.rule.add", ("PolicyRule", "PolicyEntity"), ActorKind.ADMIN),
        ("user.session.start", ("AuthenticatorEnrollment", "AppInstance"), ActorKind.PERSON),
        ("user.session.clear", ("User",), ActorKind.ADMIN),
        ("user.mfa.factor.reset_all", ("User",), ActorKind.ADMIN),
        ("user.mfa.factor.activate", ("User", "AuthenticatorEnrollment"), ActorKind.PERSON),
        ("device.user.add", ("Device", "User"), ActorKind.PERSON),
        ("system.idp.lifecycle.create", ("IdentityProvider",), ActorKind.ADMIN),
        ("system.api_token.create", ("Token",), ActorKind.ADMIN),
        ("security.authenticator.lifecycle.update", ("Authenticator",), ActorKind.ADMIN),
        ("iam.resourceset.bindings.add", ("ResourceSet", "Role", "User"), ActorKind.ADMIN),
        ("access.request.create", ("AccessRequest", "User"), ActorKind.PERSON),
        ("certification.campaign.launch", ("CertificationCampaign",), ActorKind.ADMIN),
        ("workload_principal.ai_agent.register", ("AIAgent",), ActorKind.ADMIN),
        ("resource_servers.mcp_server.register", ("McpServer",), ActorKind.ADMIN),
        ("system.log_stream.lifecycle.create", ("LogStream",), ActorKind.ADMIN),
        ("security.trusted_origin.create", ("TrustedOrigin",), ActorKind.ADMIN),
        ("system.import.start", ("AppInstance",), ActorKind.SYSTEM),
        ("system.email.delivery", ("User",), ActorKind.SYSTEM),
        ("system.org.rate_limit.violation", ("URL Pattern",), ActorKind.SYSTEM),
        ("app.oauth2.token.grant.interclient_token", ("Token", "ClientApp"), ActorKind.CLIENT),
    ],
)
def test_a_family_is_of_the_right_kind(
    event_type: str, targets: tuple[str, ...], actor_kind: ActorKind
) -> None:
    """Users, groups, applications, policies, sessions and the rest have targets of their kind."""
    family = family_of(event_type)
    assert family is not None
    assert (family.targets, family.actor_kind) == (targets, actor_kind)


@pytest.mark.parametrize("event_type", ["user", "user.lifecycles.create", "acme.thing", "", "."])
def test_others_have_none(event_type: str) -> None:
    """Similar and unknown event types have no family."""
    assert family_of(event_type) is None

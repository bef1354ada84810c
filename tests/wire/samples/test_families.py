"""Every eligible event type belongs to a family of its own kind."""

from importlib.resources import files

import pytest

from okhook.wire.event_types import eligible
from okhook.wire.samples.catalogue import GENERIC, Doer, family_of, table
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
    ("event_type", "targets", "doer"),
    [
        ("user.lifecycle.create", ("User",), Doer.ADMIN),
        ("group.user_membership.add", ("User", "UserGroup"), Doer.ADMIN),
        ("application.user_membership.add", ("AppUser", "AppInstance", "User"), Doer.ADMIN),
        ("policy.lifecycle.update", ("PolicyEntity",), Doer.ADMIN),
        ("policy.rule.add", ("PolicyRule", "PolicyEntity"), Doer.ADMIN),
        ("user.session.start", ("AuthenticatorEnrollment", "AppInstance"), Doer.PERSON),
        ("user.session.clear", ("User",), Doer.ADMIN),
        ("user.mfa.factor.reset_all", ("User",), Doer.ADMIN),
        ("user.mfa.factor.activate", ("User", "AuthenticatorEnrollment"), Doer.PERSON),
        ("device.user.add", ("Device", "User"), Doer.PERSON),
        ("system.idp.lifecycle.create", ("IdentityProvider",), Doer.ADMIN),
        ("system.api_token.create", ("Token",), Doer.ADMIN),
        ("security.authenticator.lifecycle.update", ("Authenticator",), Doer.ADMIN),
        ("iam.resourceset.bindings.add", ("ResourceSet", "Role", "User"), Doer.ADMIN),
        ("access.request.create", ("AccessRequest", "User"), Doer.PERSON),
        ("certification.campaign.launch", ("CertificationCampaign",), Doer.ADMIN),
        ("workload_principal.ai_agent.register", ("AIAgent",), Doer.ADMIN),
        ("resource_servers.mcp_server.register", ("McpServer",), Doer.ADMIN),
        ("system.log_stream.lifecycle.create", ("LogStream",), Doer.ADMIN),
        ("security.trusted_origin.create", ("TrustedOrigin",), Doer.ADMIN),
        ("system.import.start", ("AppInstance",), Doer.SYSTEM),
        ("system.email.delivery", ("User",), Doer.SYSTEM),
        ("system.org.rate_limit.violation", ("URL Pattern",), Doer.SYSTEM),
        ("app.oauth2.token.grant.interclient_token", ("Token", "ClientApp"), Doer.CLIENT),
    ],
)
def test_a_family_is_of_the_right_kind(
    event_type: str, targets: tuple[str, ...], doer: Doer
) -> None:
    """Users, groups, applications, policies, sessions and the rest have targets of their kind."""
    family = family_of(event_type)
    assert family is not None
    assert (family.targets, family.doer) == (targets, doer)


@pytest.mark.parametrize("event_type", ["user", "user.lifecycles.create", "acme.thing", "", "."])
def test_others_have_none(event_type: str) -> None:
    """Similar and unknown event types have no family."""
    assert family_of(event_type) is None

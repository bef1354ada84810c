"""The things that events happen to: target types, with the form of their ids and a name.

The names of users, groups, apps, policies, devices and tokens are Okta's (``User``, ``UserGroup``,
``AppInstance``, ``PolicyEntity``). Okta documents no target types for the newer families
(governance, AI agents, resource servers): theirs are named in the same manner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from okhook.wire.samples.people import IdSource, Person

UNKNOWN = "unknown"
"""What Okta writes as ``alternateId`` where a thing has no other name."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A target that is no person: the beginning of its id, and its names."""

    id_prefix: str
    display_name: str
    alternate_id: str = UNKNOWN


THINGS: Final[Mapping[str, Thing]] = {
    "A2AServer": Thing("a2s", "Invoice agent"),
    "AccessRequest": Thing("req", "Access to Salesforce.com"),
    "AccessRequestCondition": Thing("rqc", "Sales staff may ask for Salesforce.com"),
    "AccessRequestSequence": Thing("rqs", "Manager, then owner"),
    "AccessReview": Thing("sar", "Review of contractors"),
    "AIAgent": Thing("wlp", "Support assistant"),
    "AIAgentProvider": Thing("aip", "Agent platform"),
    "ApiServer": Thing("aps", "Orders API", "https://orders.example.com"),
    "AppInstance": Thing("0oa", "Salesforce.com", "Salesforce.com"),
    "Authenticator": Thing("aut", "Okta Verify"),
    "AuthenticatorEnrollment": Thing("pfd", "Okta Verify"),
    "AuthorizationServer": Thing("aus", "default", "https://orders.example.com"),
    "CertificationCampaign": Thing("ici", "Quarterly access certification"),
    "CertificationCampaignItem": Thing("icr", "Access to Salesforce.com"),
    "ClientApp": Thing("0oa", "Reporting service"),
    "ClientAuthenticationSettings": Thing("cas", "Private key only"),
    "Credential": Thing("crd", "Signing key of 2026"),
    "DelegationLink": Thing("dln", "Support assistant for Orders API"),
    "Device": Thing("guo", "MacBook Pro"),
    "Entitlement": Thing("ent", "Editor"),
    "EntitlementBundle": Thing("enb", "Sales starter bundle"),
    "EntitlementMigration": Thing("enm", "Migration of Salesforce.com"),
    "EntitlementPolicy": Thing("enp", "Sales staff are editors"),
    "GovernanceSettings": Thing("gvs", "Governance settings"),
    "IdentityProvider": Thing("0oa", "Partner directory"),
    "IdentityProviderKey": Thing("kid", "Partner directory key"),
    "IdentityVerification": Thing("idv", "Document check"),
    "InlineHook": Thing("cal", "Token enrichment"),
    "InterclientMapping": Thing("icm", "Reporting service to Orders API"),
    "Label": Thing("lbl", "Sensitive"),
    "LogStream": Thing("0oa", "Splunk Cloud"),
    "McpServer": Thing("mcp", "Documents server", "https://mcp.example.com"),
    "PasswordMigrationCampaign": Thing("pmc", "Migration from Active Directory"),
    "PolicyBranch": Thing("pbr", "Stricter sign-on, staged"),
    "PolicyEntity": Thing("00p", "Any two factors"),
    "PolicyRule": Thing("0pr", "Catch-all Rule"),
    "Resource": Thing("0oa", "Salesforce.com"),
    "ResourceCollection": Thing("col", "Sales tools"),
    "ResourceConnection": Thing("rcn", "Support assistant to Orders API"),
    "ResourceOwner": Thing("own", "Owner of Salesforce.com"),
    "ResourceSet": Thing("iam", "Sales department"),
    "RiskRule": Thing("rkr", "Payment and vendor creation together"),
    "Role": Thing("cr0", "Help desk"),
    "Session": Thing("idx", "Session"),
    "SignOnProvider": Thing("sop", "Partner sign-on"),
    "Token": Thing("00T", "CI pipeline"),
    "TrustedOrigin": Thing("tos", "Customer portal", "https://portal.example.com"),
    "URL Pattern": Thing("rlb", "/api/v1/users", "/api/v1/users"),
    "UserGroup": Thing("00g", "Sales"),
    "VirtualMcpServer": Thing("vmc", "Tools for support"),
    "WorkloadPrincipal": Thing("wlp", "Nightly report"),
}
"""Every target type but those of persons (``User``, ``AppUser``)."""


def target_of(target_type: str, person: Person, ids: IdSource) -> dict[str, Any]:
    """Return a target as it stands in an event. A user is ``person``; anything else is fresh.

    Raises:
        KeyError: there is no such target type.

    """
    if target_type == "User":
        return party("User", person.id, person.login, person.display_name)
    if target_type == "AppUser":
        return party("AppUser", ids.okta("0ua"), person.login, person.display_name)
    thing = THINGS[target_type]
    return party(target_type, ids.okta(thing.id_prefix), thing.alternate_id, thing.display_name)


def party(party_type: str, party_id: str, alternate_id: str, display_name: str) -> dict[str, Any]:
    """Return an actor or a target, with its members in Okta's order."""
    return {
        "id": party_id,
        "type": party_type,
        "alternateId": alternate_id,
        "displayName": display_name,
        "detailEntry": None,
    }

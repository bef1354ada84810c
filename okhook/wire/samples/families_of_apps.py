"""Families of governance, of applications, and of machines that act by themselves."""

from typing import Final

from okhook.wire.samples.family import Doer, Family, family

GOVERNANCE: Final[tuple[Family, ...]] = (
    family("access.request", "access request", "AccessRequest,User", Doer.PERSON),
    family("access.request.condition", "access request condition", "AccessRequestCondition"),
    family("access.request.expire", "access request", "AccessRequest,User", Doer.SYSTEM),
    family("access.request.sequence", "access request sequence", "AccessRequestSequence"),
    family("access.request.settings", "access request settings", "GovernanceSettings"),
    family("access.review", "security access review", "AccessReview,User"),
    family("certification.campaign", "certification campaign", "CertificationCampaign"),
    family(
        "certification.campaign.item",
        "certification campaign item",
        "CertificationCampaign,CertificationCampaignItem,User",
    ),
    family("entitlement.migration", "entitlement migration", "EntitlementMigration,AppInstance"),
    family("governance", "governance", "GovernanceSettings"),
    family("governance.principal", "governance principal", "GovernanceSettings,User"),
    family("resource.collection", "resource collection", "ResourceCollection"),
    family("resource.collection.assign", "resource collection", "ResourceCollection,User"),
    family("resource.collection.unassign", "resource collection", "ResourceCollection,User"),
    family("resource.entitlement", "entitlement", "Entitlement,AppInstance"),
    family("resource.entitlement_bundle", "entitlement bundle", "EntitlementBundle,AppInstance"),
    family("resource.entitlement_policy", "entitlement policy", "EntitlementPolicy,AppInstance"),
    family("resource.governance_engine", "governance engine", "AppInstance"),
    family("resource.label", "resource label", "Label,Resource"),
    family("resource.owner", "resource owner", "Resource,ResourceOwner"),
    family("resource.risk_rule", "risk rule", "RiskRule"),
    family("resource.user_entitlements", "user entitlements", "User,AppInstance,Entitlement"),
    family(
        "resource.user_entitlements.drift",
        "drift of user entitlements",
        "User,AppInstance,Entitlement",
        Doer.SYSTEM,
    ),
)

APPS: Final[tuple[Family, ...]] = (
    family("app.access_request", "application access request", "AppInstance,User", Doer.PERSON),
    family("app.access_request.approver", "application access request", "AppInstance,User"),
    family(
        "app.access_request.expire", "application access request", "AppInstance,User", Doer.SYSTEM
    ),
    family(
        "app.ad.password_migration_campaign",
        "Active Directory password migration",
        "PasswordMigrationCampaign,AppInstance,User",
        Doer.SYSTEM,
    ),
    family("app.ai_agent_provider", "AI agent provider", "AIAgentProvider"),
    family(
        "app.ai_agent_provider.import", "AI agent provider import", "AIAgentProvider", Doer.SYSTEM
    ),
    family(
        "app.ai_agent_provider.import_staging", "staged AI agent import", "AIAgentProvider,AIAgent"
    ),
    family("app.interclient_mapping", "inter-client mapping", "InterclientMapping,ClientApp"),
    family(
        "app.oauth2.as.consent",
        "OAuth 2.0 consent",
        "ClientApp,AuthorizationServer,User",
        Doer.PERSON,
    ),
    family(
        "app.oauth2.as.token",
        "OAuth 2.0 token",
        "Token,ClientApp,AuthorizationServer",
        Doer.CLIENT,
    ),
    family("app.oauth2.client.privilege", "OAuth 2.0 client privilege", "ClientApp,Role"),
    family("app.oauth2.token", "OAuth 2.0 token", "Token,ClientApp", Doer.CLIENT),
    family("app.oauth2.trusted_server", "trusted authorization server", "AuthorizationServer"),
    family("app.user_management", "application user", "AppUser,AppInstance,User", Doer.SYSTEM),
    family(
        "app.user_management.user_group_import",
        "imported group",
        "AppInstance,UserGroup",
        Doer.SYSTEM,
    ),
    family("application.account", "application account", "AppInstance,AppUser,User"),
    family(
        "application.account.detect",
        "application account",
        "AppInstance,AppUser,User",
        Doer.SYSTEM,
    ),
    family("application.lifecycle", "application", "AppInstance"),
    family("application.policy.sign_on", "application sign-on policy", "AppInstance", Doer.PERSON),
    family(
        "application.provision.group_push",
        "group push mapping",
        "AppInstance,UserGroup",
        Doer.SYSTEM,
    ),
    family(
        "application.provision.user", "user in application", "AppUser,AppInstance,User", Doer.SYSTEM
    ),
    family(
        "application.user_membership",
        "user's application membership",
        "AppUser,AppInstance,User",
    ),
    family(
        "application.user_membership.change_password",
        "user's application password",
        "AppUser,AppInstance,User",
        Doer.PERSON,
    ),
)

MACHINES: Final[tuple[Family, ...]] = (
    family("resource_servers.a2a_server", "A2A server", "A2AServer"),
    family(
        "resource_servers.a2a_server.auth_server",
        "A2A server's authorization server",
        "A2AServer,AuthorizationServer",
    ),
    family("resource_servers.api_server", "API server", "ApiServer"),
    family(
        "resource_servers.api_server.auth_server",
        "API server's authorization server",
        "ApiServer,AuthorizationServer",
    ),
    family(
        "resource_servers.client_authentication_settings",
        "client authentication settings",
        "ClientAuthenticationSettings,AuthorizationServer",
    ),
    family("resource_servers.mcp_server", "MCP server", "McpServer"),
    family(
        "resource_servers.mcp_server.auth_server",
        "MCP server's authorization server",
        "McpServer,AuthorizationServer",
    ),
    family("resource_servers.virtual_mcp_server", "virtual MCP server", "VirtualMcpServer"),
    family(
        "resource_servers.virtual_mcp_server.auth_server",
        "virtual MCP server's authorization server",
        "VirtualMcpServer,AuthorizationServer",
    ),
    family("workload_principal", "workload principal", "WorkloadPrincipal"),
    family("workload_principal.ai_agent", "AI agent", "AIAgent"),
    family("workload_principal.ai_agent.credential", "AI agent credential", "AIAgent,Credential"),
    family(
        "workload_principal.ai_agent.sign_on_provider",
        "AI agent's sign-on provider",
        "AIAgent,SignOnProvider",
    ),
    family(
        "workload_principal.delegation_link",
        "delegation link",
        "WorkloadPrincipal,DelegationLink",
    ),
    family(
        "workload_principal.resource_connection",
        "resource connection",
        "WorkloadPrincipal,ResourceConnection",
    ),
    family(
        "workload_principal.sign_on_provider",
        "workload principal's sign-on provider",
        "WorkloadPrincipal,SignOnProvider",
    ),
)

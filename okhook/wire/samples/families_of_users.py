"""Families of the directory, of security and of the org itself."""

from typing import Final

from okhook.wire.samples.family import Doer, Family, family

DIRECTORY: Final[tuple[Family, ...]] = (
    family("device.enrollment", "device enrollment", "Device,User", Doer.PERSON),
    family("device.lifecycle", "device", "Device"),
    family("device.user", "user of device", "Device,User", Doer.PERSON),
    family("group.application_assignment", "group's application", "UserGroup,AppInstance"),
    family("group.lifecycle", "group", "UserGroup"),
    family("group.privilege", "group privilege", "UserGroup,Role"),
    family("group.profile", "group profile", "UserGroup"),
    family("group.user_membership", "user's group membership", "User,UserGroup"),
    family("user.account", "user account", "User", Doer.PERSON),
    family("user.account.lock", "user account", "User", Doer.PERSON),
    family("user.account.privilege", "user privilege", "User,Role"),
    family("user.account.reset_password", "user password", "User"),
    family("user.account.subscriptions", "user's notification", "User"),
    family("user.account.unlock_by_admin", "user account", "User"),
    family("user.authentication", "user authentication", "User", Doer.PERSON),
    family(
        "user.authentication.auth_via_IDP",
        "user authentication",
        "User,IdentityProvider",
        Doer.PERSON,
    ),
    family(
        "user.authentication.auth_via_mfa",
        "user authentication",
        "User,AuthenticatorEnrollment",
        Doer.PERSON,
    ),
    family(
        "user.authentication.auth_via_social",
        "user authentication",
        "User,IdentityProvider",
        Doer.PERSON,
    ),
    family(
        "user.authentication.sso",
        "user authentication",
        "AppInstance,AppUser",
        Doer.PERSON,
    ),
    family("user.authentication.universal_logout", "user", "User,AppInstance"),
    family(
        "user.authentication.universal_logout.scheduled", "user", "User,AppInstance", Doer.SYSTEM
    ),
    family("user.behavior.profile", "user behavior profile", "User"),
    family("user.chrome.data", "Chrome browser data", "User,Device", Doer.SYSTEM),
    family("user.credential", "user credential", "User,Device,Credential", Doer.PERSON),
    family(
        "user.identity_verification",
        "identity verification",
        "User,IdentityVerification",
        Doer.PERSON,
    ),
    family("user.import", "imported user", "User,AppInstance", Doer.SYSTEM),
    family("user.lifecycle", "Okta user", "User"),
    family("user.mfa", "MFA", "User,AuthenticatorEnrollment", Doer.PERSON),
    family("user.mfa.factor", "MFA factor", "User,AuthenticatorEnrollment", Doer.PERSON),
    family("user.mfa.factor.reset_all", "MFA factor", "User"),
    family("user.mfa.factor.suspend", "MFA factor", "User,AuthenticatorEnrollment"),
    family("user.mfa.factor.unsuspend", "MFA factor", "User,AuthenticatorEnrollment"),
    family("user.risk", "user risk", "User", Doer.SYSTEM),
    family("user.session", "user session", "Session,User", Doer.PERSON),
    family("user.session.clear", "user sessions", "User"),
    family(
        "user.session.start",
        "user session",
        "AuthenticatorEnrollment,AppInstance",
        Doer.PERSON,
    ),
)

SECURITY: Final[tuple[Family, ...]] = (
    family("iam.policy", "admin role policy", "PolicyEntity,Role"),
    family("iam.resourceset", "resource set", "ResourceSet"),
    family("iam.resourceset.bindings", "resource set binding", "ResourceSet,Role,User"),
    family("iam.resourceset.resources", "resource set resources", "ResourceSet,Resource"),
    family("iam.role", "role", "Role"),
    family("iam.role.permission.conditions", "role permission condition", "Role"),
    family("iam.role.permissions", "role permission", "Role"),
    family("iam.role.subscriptions", "role's notification", "Role"),
    family("policy.auth_reevaluate", "policy re-evaluation", "PolicyEntity,User", Doer.SYSTEM),
    family("policy.branch.lifecycle", "policy branch", "PolicyBranch,PolicyEntity"),
    family("policy.branch.rule", "policy branch rule", "PolicyRule,PolicyBranch,PolicyEntity"),
    family("policy.lifecycle", "policy", "PolicyEntity"),
    family("policy.rule", "policy rule", "PolicyRule,PolicyEntity"),
    family("security.authenticator", "authenticator", "Authenticator"),
    family("security.breached_credential", "breached credential", "User", Doer.SYSTEM),
    family("security.trusted_origin", "trusted origin", "TrustedOrigin"),
)

SYSTEM: Final[tuple[Family, ...]] = (
    family("inline_hook", "inline hook", "InlineHook", Doer.SYSTEM),
    family("system.api_token", "API token", "Token"),
    family("system.email", "email", "User", Doer.SYSTEM),
    family("system.idp.key", "identity provider key", "IdentityProviderKey"),
    family("system.idp.lifecycle", "identity provider", "IdentityProvider"),
    family("system.import", "import", "AppInstance", Doer.SYSTEM),
    family(
        "system.import.entitlement", "entitlement import", "AppInstance,Entitlement", Doer.SYSTEM
    ),
    family("system.import.group", "imported group", "UserGroup,AppInstance", Doer.SYSTEM),
    family("system.log_stream", "log stream", "LogStream"),
    family("system.mfa.preregister", "MFA pre-registration", "User"),
    family("system.oauth2.token", "OAuth 2.0 token", "Token,ClientApp", Doer.CLIENT),
    family("system.org.rate_limit", "rate limit", "URL Pattern", Doer.SYSTEM),
    family("system.sms", "SMS", "User", Doer.SYSTEM),
    family("system.voice", "voice call", "User", Doer.SYSTEM),
)

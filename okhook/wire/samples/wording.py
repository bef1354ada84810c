"""What an event says in words: its display message, and the name it had in Okta's older API."""

from collections.abc import Mapping
from typing import Final

from okhook.wire.samples.families import family_of

_MESSAGES: Final[Mapping[str, str]] = {
    "app.access_request.approver.approve": "Approve application access request",
    "app.access_request.approver.deny": "Deny application access request as approver",
    "app.interclient_mapping.delete_all": "Delete all inter-client mappings",
    "app.oauth2.as.consent.revoke.implicit.as": (
        "Revoke OAuth 2.0 consent because the authorization server was deleted"
    ),
    "app.oauth2.as.consent.revoke.implicit.client": (
        "Revoke OAuth 2.0 consent because the client was deleted"
    ),
    "app.oauth2.as.consent.revoke.implicit.scope": (
        "Revoke OAuth 2.0 consent because the scope was deleted"
    ),
    "app.oauth2.as.consent.revoke.implicit.user": (
        "Revoke OAuth 2.0 consent because the user was deleted"
    ),
    "app.oauth2.as.consent.revoke.user": "Revoke all OAuth 2.0 consents of user",
    "app.oauth2.as.consent.revoke.user.client": "Revoke OAuth 2.0 consents of user for client",
    "app.oauth2.as.token.grant.interclient_token": "Grant inter-client OAuth 2.0 token",
    "app.oauth2.token.grant.interclient_token": "Grant inter-client OAuth 2.0 token",
    "app.ad.password_migration_campaign.user.migrate.end": (
        "Migration of a user's Active Directory password ended"
    ),
    "app.user_management": "Manage application user",
    "app.user_management.user_group_import.upsert_success": "Imported group created or updated",
    "application.policy.sign_on.deny_access": "Deny user access due to app sign on policy",
    "application.provision.group_push.mapping.update.or.delete.failed.with.error": (
        "Updating or deleting a group push mapping failed"
    ),
    "application.provision.user.delete.schedule": "Schedule deletion of user in application",
    "application.provision.user.remove_entitlements": "Remove user's entitlements in application",
    "application.provision.user.remove_entitlements.schedule": (
        "Schedule removal of user's entitlements in application"
    ),
    "application.provision.user.import_profile": "Import user profile from application",
    "application.provision.user.push": "Push new user to external application",
    "application.provision.user.push_profile": "Push user's profile to external application",
    "application.provision.user.sync": "Sync user in external application",
    "application.user_membership.add": "Add user to application membership",
    "application.user_membership.remove": "Remove user from application membership",
    "entitlement.migration.fail": "Entitlement migration failed",
    "group.application_assignment.add": "Add assigned application to group",
    "group.application_assignment.remove": "Remove assigned application from group",
    "group.user_membership.add": "Add user to group membership",
    "group.user_membership.remove": "Remove user from group membership",
    "inline_hook.executed": "Inline hook executed",
    "policy.auth_reevaluate.fail": "Policy re-evaluation of a session failed",
    "security.breached_credential.detected": "Breached credential detected",
    "system.api_token.request_outside_allowed_range": (
        "API token used from outside its allowed range"
    ),
    "system.email.delivery": "Email delivery",
    "system.idp.lifecycle.read_client_secret": "Read client secret of identity provider",
    "system.import.entitlement.upper_limit_exceeded": "Import exceeded the limit of entitlements",
    "system.import.roadblock": "Import stopped by a safeguard",
    "system.mfa.preregister.initiate": "Initiate MFA pre-registration",
    "system.oauth2.token.request_outside_allowed_range": (
        "OAuth 2.0 token used from outside its allowed range"
    ),
    "system.org.rate_limit.violation": "Rate limit violation",
    "system.org.rate_limit.warning": "Rate limit warning",
    "system.sms.send_phone_verification_message": "Send phone verification SMS",
    "system.voice.send_phone_verification_call": "Send phone verification call",
    "user.account.lock": "Max sign in attempts exceeded",
    "user.account.report_suspicious_activity_by_enduser": "User report suspicious activity",
    "user.account.reset_password": "User reset password for Okta",
    "user.account.unlock_by_admin": "Unlock user account by admin",
    "user.account.update_password": "User update password for Okta",
    "user.account.update_profile": "Update user profile for Okta",
    "user.authentication.auth_via_IDP": "Authenticate user via IDP",
    "user.authentication.auth_via_mfa": "Authentication of user via MFA",
    "user.authentication.auth_via_social": "Authenticate user with social login",
    "user.authentication.authenticate": "Authenticate user",
    "user.authentication.sso": "User single sign on to app",
    "user.authentication.universal_logout": "Log user out of every application",
    "user.authentication.universal_logout.scheduled": "Schedule logout of user",
    "user.identity_verification": "Verify user's identity",
    "user.identity_verification.start": "Start verification of user's identity",
    "user.import.password": "Import user password",
    "user.lifecycle.create": "Create okta user",
    "user.lifecycle.delete.initiated": "Initiate deletion of Okta user",
    "user.mfa.promote_enrollment": "Promote MFA enrollment",
    "user.session.context.change": "Context of user session changed",
    "user.session.end": "User logout from Okta",
    "user.session.start": "User login to Okta",
}
"""Where verb and noun do not make a sentence, or where Okta's own words are known."""

_LEGACY: Final[Mapping[str, str]] = {
    "application.lifecycle.activate": "app.generic.config.app_activated",
    "application.lifecycle.deactivate": "app.generic.config.app_deactivated",
    "application.lifecycle.update": "app.generic.config.app_updated",
    "application.user_membership.add": "app.generic.provision.assign_user_to_app",
    "application.user_membership.remove": "app.generic.provision.deassign_user_from_app",
    "group.user_membership.add": "core.user_group_member.user_add",
    "group.user_membership.remove": "core.user_group_member.user_remove",
    "system.api_token.create": "api.token.create",
    "system.api_token.revoke": "api.token.revoke",
    "user.account.lock": "core.user_auth.account_locked",
    "user.account.update_password": "core.user.config.password_update.success",
    "user.account.update_profile": "core.user.config.profile_update.success",
    "user.authentication.auth_via_mfa": "core.user.factor.attempt_success",
    "user.authentication.sso": "app.auth.sso",
    "user.lifecycle.activate": "core.user.config.user_activated",
    "user.lifecycle.create": "core.user.config.user_creation.success",
    "user.lifecycle.deactivate": "core.user.config.user_deactivated",
    "user.mfa.factor.activate": "core.user.factor.activate",
    "user.mfa.factor.deactivate": "core.user.factor.deactivate",
    "user.mfa.factor.reset_all": "core.user.factor.reset_all",
    "user.session.end": "core.user_auth.logout_success",
    "user.session.start": "core.user_auth.login_success",
}


def message_of(event_type: str) -> str:
    """Return the display message: verb, noun of the family, and what else the type names."""
    if event_type in _MESSAGES:
        return _MESSAGES[event_type]
    family = family_of(event_type)
    if family is None:
        return _capitalised(_words(event_type))
    beyond = event_type.removeprefix(family.name).strip(".") or event_type.rpartition(".")[2]
    *rest, verb = beyond.removeprefix("lifecycle.").split(".")
    spoken = " ".join(part for part in (_words(verb), family.noun, _words(".".join(rest))) if part)
    return _capitalised(spoken)


def legacy_type_of(event_type: str) -> str | None:
    """Return the event type's name in the Events API, where it is known to have had one."""
    return _LEGACY.get(event_type)


def _words(name: str) -> str:
    return name.replace(".", " ").replace("_", " ").strip()


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]

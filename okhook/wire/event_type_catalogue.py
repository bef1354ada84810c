"""The event types that an event hook can subscribe to, as of Okta release 2026.08.1.

Each group is the common beginning of its event types, and what comes after it. Okta adds and
retires some every month; a type that is not here is unusual, never wrong.
"""

from collections.abc import Mapping
from typing import Final

RELEASE: Final = "2026.08.1"
"""The Okta release whose catalogue this is."""

GROUPS: Final[Mapping[str, str]] = {
    "access.request": (
        "cancel condition.activate condition.create condition.deactivate condition.delete "
        "condition.invalidate condition.update create expire reject resolve sequence.create "
        "sequence.delete sequence.update settings.update update"
    ),
    "access.review": "action close create remediate start update",
    "app": "user_management",
    "app.access_request": "approver.approve approver.deny delete deny expire grant request",
    "app.ad": "password_migration_campaign.user.migrate.end",
    "app.ai_agent_provider": (
        "activate create credential.validate deactivate delete import.complete import.start "
        "import_staging.confirm import_staging.ignore priority.update update"
    ),
    "app.interclient_mapping": "create delete delete_all",
    "app.oauth2": (
        "as.consent.grant as.consent.revoke as.consent.revoke.implicit.as "
        "as.consent.revoke.implicit.client as.consent.revoke.implicit.scope "
        "as.consent.revoke.implicit.user as.consent.revoke.user as.consent.revoke.user.client "
        "as.token.grant.interclient_token client.privilege.grant client.privilege.revoke "
        "token.grant.interclient_token trusted_server.add trusted_server.delete"
    ),
    "app.user_management": "user_group_import.upsert_success",
    "application.account": (
        "decision.confirm decision.ignore decision.revoke detect match.update remove"
    ),
    "application.lifecycle": "activate create deactivate delete update",
    "application.policy": "sign_on.deny_access",
    "application.provision": (
        "group_push.mapping.update.or.delete.failed.with.error user.delete "
        "user.delete.schedule user.import_profile user.push user.push_profile user.reactivate "
        "user.remove_entitlements user.remove_entitlements.schedule user.sync"
    ),
    "application.user_membership": "add change_password remove update",
    "certification.campaign": "close context.update item.decide item.remediate launch",
    "device.enrollment": "create",
    "device.lifecycle": "activate deactivate delete suspend unsuspend",
    "device.user": "add remove",
    "entitlement.migration": "complete fail start",
    "governance.principal": "settings.update",
    "governance.settings": "update",
    "group.application_assignment": "add remove update",
    "group.lifecycle": "create delete",
    "group.privilege": "grant revoke",
    "group.profile": "update",
    "group.user_membership": "add remove",
    "iam.policy": "assignee_configuration.update configuration.update",
    "iam.resourceset": (
        "bindings.add bindings.delete create delete resources.add resources.delete "
        "resources.update update"
    ),
    "iam.role": (
        "create delete permission.conditions.add permission.conditions.delete permissions.add "
        "permissions.delete subscriptions.update update"
    ),
    "inline_hook": "executed",
    "policy.auth_reevaluate": "fail",
    "policy.branch": (
        "lifecycle.promote lifecycle.rollback lifecycle.stage lifecycle.update rule.activate "
        "rule.add rule.deactivate rule.delete rule.update"
    ),
    "policy.lifecycle": "activate deactivate update",
    "policy.rule": "activate add deactivate delete update",
    "resource.collection": "assign create delete unassign update",
    "resource.entitlement": "create delete update",
    "resource.entitlement_bundle": "create delete update",
    "resource.entitlement_policy": "activate draft.create draft.delete draft.update",
    "resource.governance_engine": "disable enable",
    "resource.label": "assignment.update update",
    "resource.owner": "update",
    "resource.risk_rule": "create delete update",
    "resource.user_entitlements": "drift.detect drift.revert update",
    "resource_servers.a2a_server": "auth_server.add auth_server.remove delete register",
    "resource_servers.api_server": (
        "activate auth_server.add auth_server.remove auth_server.update deactivate delete "
        "register update"
    ),
    "resource_servers.client_authentication_settings": "create delete update",
    "resource_servers.mcp_server": (
        "activate auth_server.create auth_server.delete auth_server.update "
        "capability.discover deactivate delete register update"
    ),
    "resource_servers.virtual_mcp_server": (
        "auth_server.add auth_server.remove capability.add capability.remove capability.update"
    ),
    "security.authenticator": (
        "lifecycle.activate lifecycle.create lifecycle.deactivate lifecycle.update"
    ),
    "security.breached_credential": "detected",
    "security.trusted_origin": "activate create deactivate delete update",
    "system.api_token": "create request_outside_allowed_range revoke",
    "system.email": "delivery",
    "system.idp": (
        "key.create key.delete key.update lifecycle.activate lifecycle.create "
        "lifecycle.deactivate lifecycle.delete lifecycle.read_client_secret lifecycle.update"
    ),
    "system.import": (
        "complete entitlement.upper_limit_exceeded group.create group.delete roadblock start"
    ),
    "system.log_stream": (
        "lifecycle.activate lifecycle.create lifecycle.deactivate lifecycle.delete lifecycle.update"
    ),
    "system.mfa": "preregister.initiate",
    "system.oauth2": "token.request_outside_allowed_range",
    "system.org": "rate_limit.violation rate_limit.warning",
    "system.sms": "send_phone_verification_message",
    "system.voice": "send_phone_verification_call",
    "user": "identity_verification",
    "user.account": (
        "lock privilege.grant privilege.revoke report_suspicious_activity_by_enduser "
        "reset_password subscriptions.update unlock unlock_by_admin update_password "
        "update_profile"
    ),
    "user.authentication": (
        "auth_via_IDP auth_via_mfa auth_via_social authenticate sso universal_logout "
        "universal_logout.scheduled"
    ),
    "user.behavior": "profile.reset",
    "user.chrome": "data.clear",
    "user.credential": "enroll",
    "user.identity_verification": "start",
    "user.import": "password",
    "user.lifecycle": "activate create deactivate delete.initiated reactivate suspend unsuspend",
    "user.mfa": (
        "factor.activate factor.deactivate factor.reset_all factor.suspend factor.unsuspend "
        "factor.update promote_enrollment"
    ),
    "user.risk": "change detect",
    "user.session": "clear context.change end start",
    "workload_principal": "activate deactivate delete register update",
    "workload_principal.ai_agent": (
        "activate credential.activate credential.create credential.deactivate "
        "credential.delete deactivate delete register sign_on_provider.add "
        "sign_on_provider.remove update"
    ),
    "workload_principal.delegation_link": "create delete",
    "workload_principal.resource_connection": "activate create deactivate delete update",
    "workload_principal.sign_on_provider": "add remove",
}

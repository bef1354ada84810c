"""Which scope a call needs, held against Okta's OpenAPI document."""

import pytest

from okhook.okta.auth.credential import OURS, scope_for, ways_to


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/v1/eventHooks", "okta.eventHooks.read"),
        ("POST", "/api/v1/eventHooks", "okta.eventHooks.manage"),
        ("PUT", "/api/v1/eventHooks/who1", "okta.eventHooks.manage"),
        ("POST", "/api/v1/eventHooks/who1/lifecycle/verify", "okta.eventHooks.manage"),
        ("DELETE", "/api/v1/eventHooks/who1", "okta.eventHooks.manage"),
        ("GET", "/api/v1/logs?limit=1&after=x", "okta.logs.read"),
        ("GET", "/api/v1/users/00u1", "okta.users.read"),
        ("POST", "/api/v1/users?activate=false", "okta.users.manage"),
        ("PUT", "/api/v1/groups/00g1/users/00u1", "okta.groups.manage"),
    ],
)
def test_the_scope_that_each_call_needs(method: str, path: str, scope: str) -> None:
    """As the document's operations say, whether the path stands alone or in a URL."""
    assert scope_for(method, path) == scope
    assert scope_for(method, f"https://dev-123.okta.com{path}") == scope


def test_a_manage_scope_includes_read() -> None:
    """And not the other way round; the least comes first."""
    assert ways_to("okta.users.read") == ("okta.users.read", "okta.users.manage")
    assert ways_to("okta.users.manage") == ("okta.users.manage",)
    assert all(scope in ways_to(scope) for scope in OURS)


def test_a_url_outside_the_api_has_no_scope() -> None:
    """A call elsewhere is a bug of ours, and gets no token."""
    with pytest.raises(ValueError, match="no scope"):
        scope_for("GET", "https://dev-123.okta.com/oauth2/v1/token")

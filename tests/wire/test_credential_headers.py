"""Headers that may carry a credential: rather one too many than one too few."""

import pytest

from okhook.wire.credential_headers import may_carry_credential


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "proxy-authorization", "Cookie", "set-cookie", "x-api-key", "apikey",
        "X-Hook-Key", "x-key-id", "x-acme-token", "X-Secret", "x-hub-signature-256", "x-sig",
        "x-hookdeck-signature", "x-password", "x-auth", "x_auth_token", "x-session-id", "x-jwt",
    ],
)  # fmt: skip
def test_credentials(name: str) -> None:
    """Whatever a hook's secret or another's is usually called."""
    assert may_carry_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "accept", "content-type", "content-length", "user-agent", "host", "keep-alive",
        "x-okta-request-id", "x-forwarded-for", "x-hookdeck-eventid", "x-hookdeck-event-url",
        "x-okta-verification-challenge", ":authority", "x-author", "x-design",
    ],
)  # fmt: skip
def test_no_credentials(name: str) -> None:
    """What Okta, Hookdeck and every proxy send is no secret."""
    assert not may_carry_credential(name)

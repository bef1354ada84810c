"""The pages that state the rules."""

from typing import Final

_CONCEPT = "https://developer.okta.com/docs/concepts/event-hooks/"

VERIFICATION: Final = f"{_CONCEPT}#one-time-verification-request"
DELIVERY: Final = f"{_CONCEPT}#ongoing-event-delivery"
TIMEOUT: Final = f"{_CONCEPT}#timeout-and-retry"
SECURITY: Final = f"{_CONCEPT}#security"
ANSWERS: Final = f"{_CONCEPT}#your-service-s-responses-to-event-delivery-requests"
SAMPLE: Final = f"{_CONCEPT}#sample-event-delivery-payload"
PRACTICES: Final = "https://developer.okta.com/docs/reference/hooks-best-practices/"
GUIDE: Final = "https://developer.okta.com/docs/guides/event-hook-implementation/nodejs/main/"
LOG_EVENT: Final = (
    "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/"
)
EVENT_TYPES: Final = "https://developer.okta.com/docs/reference/api/event-types/"
ENGINES: Final = (
    "https://support.okta.com/help/s/article/identify-the-policy-used-for-user-evaluation"
)
HEADER_NAMES: Final = "https://www.rfc-editor.org/rfc/rfc9110#section-5.1"
PERSISTENCE: Final = "https://www.rfc-editor.org/rfc/rfc9112#section-9.3"
PIPELINING: Final = "https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2"
CHUNKED: Final = "https://www.rfc-editor.org/rfc/rfc9112#section-7.1"
BASIC: Final = "https://www.rfc-editor.org/rfc/rfc7617#section-2"
JSON_TEXT: Final = "https://www.rfc-editor.org/rfc/rfc8259#section-8.1"

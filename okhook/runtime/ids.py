"""New ids and the current time."""

import secrets
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

_OKTA_ALPHABET = string.ascii_letters + string.digits


def new_uuid() -> str:
    """Return a random uuid, the form of ids of events and deliveries."""
    return str(uuid.uuid4())


def new_okta_id(prefix: str) -> str:
    """Return an id in Okta's form: ``prefix`` (``00u``, ``who``) and 17 characters."""
    return prefix + "".join(secrets.choice(_OKTA_ALPHABET) for _ in range(17))


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class IdSource:
    """Functions that return new ids."""

    okta: Callable[[str], str]
    uuid: Callable[[], str]


RANDOM_IDS = IdSource(okta=new_okta_id, uuid=new_uuid)

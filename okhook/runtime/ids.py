"""New ids and the current time."""

import itertools
import os
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

_OKTA_ALPHABET = string.ascii_letters + string.digits

_LETTER_OF_BYTE = bytes(itertools.islice(itertools.cycle(_OKTA_ALPHABET.encode()), 256))


def new_uuid() -> str:
    """Return a random uuid, the form of ids of events and deliveries."""
    return str(uuid.uuid4())


def new_okta_id(prefix: str) -> str:
    """Return an id in Okta's form: ``prefix`` (``00u``, ``who``) and 17 characters."""
    return prefix + os.urandom(17).translate(_LETTER_OF_BYTE).decode()


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class IdSource:
    """Functions that return new ids."""

    okta: Callable[[str], str]
    uuid: Callable[[], str]


RANDOM_IDS = IdSource(okta=new_okta_id, uuid=new_uuid)

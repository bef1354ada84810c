"""Who appears in a sample, and where its ids come from."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdSource:
    """Where fresh ids come from: ``okta`` takes a prefix (``00u``), ``uuid`` nothing."""

    okta: Callable[[str], str]
    uuid: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the org. ``id`` is Okta's, beginning with ``00u``."""

    id: str
    first_name: str
    last_name: str
    login: str

    @property
    def display_name(self) -> str:
        """The name as Okta shows it: first name, then last name."""
        return f"{self.first_name} {self.last_name}".strip()


def admin_beside(person: Person, user_id: str) -> Person:
    """Return an administrator of the org that ``person`` is in."""
    domain = person.login.rpartition("@")[2] or "example.com"
    return Person(user_id, "Admin", "User", f"admin@{domain}")

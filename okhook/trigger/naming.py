"""Names with okhook's mark, which tell test users and groups from real ones. Pure."""

import re

from okhook.trigger.scenario import Profile

MARK = "okhook"
_DOMAIN = "example.com"
_NOT_IN_LOGIN = re.compile(r"[^a-z0-9]+")


def login_of(key: str, suffix: str) -> str:
    """Return the login of a scenario's user: ``okhook-jane-1a2b3c4d@example.com``.

    Nobody owns the domain (RFC 2606), so no mail is delivered.
    """
    return f"{MARK}-{_NOT_IN_LOGIN.sub('-', key.lower())}-{suffix}@{_DOMAIN}"


def group_name_of(name: str, suffix: str) -> str:
    """Return the name of a scenario's group in the org: ``okhook Sales 1a2b3c4d``."""
    return f"{MARK} {name} {suffix}"


def profile_of(key: str, given: Profile, suffix: str) -> dict[str, object]:
    """Return the whole profile of a scenario's user."""
    login = login_of(key, suffix)
    names = {"firstName": key.capitalize(), "lastName": "Doe"}
    return {**names, **given, "login": login, "email": login}


def suffix_of(name: str) -> str:
    """Return the suffix of a test user's login or a group's name, which tells its run."""
    return re.split(r"[ -]", name.removesuffix(f"@{_DOMAIN}"))[-1]


def is_our_login(login: str) -> bool:
    """Return whether a login is that of a test user."""
    return login.startswith(f"{MARK}-") and login.endswith(f"@{_DOMAIN}")


def is_our_group(name: str) -> bool:
    """Return whether a name is that of a test group."""
    return name.startswith(f"{MARK} ")

"""Read a user from the body of a create or an update, and check it as Okta would."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from okhook.sandbox import passwords
from okhook.sandbox.refusals import Validation
from okhook.sandbox.state import Json
from okhook.sandbox.user_schema import check_profile
from okhook.sandbox.users import WITHOUT_PASSWORD

_OKTA: Json = {"type": "OKTA", "name": "OKTA"}
_IMPORT: Json = {"type": "IMPORT", "name": "IMPORT"}
_HASHES = ("BCRYPT", "MD5", "PBKDF2", "SHA-1", "SHA-256", "SHA-512")
_SHORTEST_ANSWER = 4
_LONGEST = 100


class UserDraft(NamedTuple):
    """The part of a user that a client chooses, as the API shows it.

    ``kept`` has the hashes of a new password and of a new answer to the recovery question. A new
    password that was imported has none.
    """

    profile: Json
    credentials: Json
    kept: dict[str, str]
    has_new_password: bool


def read_user(
    body: Json,
    custom: Mapping[str, Json],
    before: Json | None = None,
    *,
    replaces: bool = False,
    with_provider: bool = False,
) -> UserDraft:
    """Return the user in ``body``; raise ``ApiRefusal`` with a cause for each fault.

    An update changes the user ``before``; one that ``replaces`` it removes the attributes that the
    body leaves out. ``with_provider`` if a new user has the provider in the body.
    """
    check = Validation("user" if before else "newUser")
    is_kept = before is not None and body.get("profile") is None
    sent_profile = {} if is_kept else check.object(body, "profile") or {}
    stays = {} if before is None or (replaces and not is_kept) else before["profile"]
    profile = {**stays, **sent_profile}
    check_profile(profile, sent_profile, custom, check)
    if body.get("realmId") is not None:
        check.add("realmId", "the sandbox has no realms")
    sent = {} if body.get("credentials") is None else check.object(body, "credentials")
    draft = _credentials(sent or {}, profile, before, check, with_provider=with_provider)
    check.refuse_if_any()
    return draft


def _credentials(
    sent: Json, profile: Json, before: Json | None, check: Validation, *, with_provider: bool
) -> UserDraft:
    shown: Json = dict(before["credentials"]) if before else {"provider": _OKTA}
    kept: dict[str, str] = {}
    _read_provider(sent, shown, before, check, with_provider=with_provider)
    has_new_password = _read_password(sent, shown, kept, profile, check)
    _read_question(sent, shown, kept, check)
    if shown["provider"]["type"] in WITHOUT_PASSWORD and (kept or has_new_password):
        check.add("credentials", f"a {shown['provider']['type']} user has no password or question")
    return UserDraft(profile, shown, kept, has_new_password)


def _read_provider(
    sent: Json, shown: Json, before: Json | None, check: Validation, *, with_provider: bool
) -> None:
    if sent.get("provider") is None:
        if with_provider:
            check.add("provider", "provider=true needs credentials.provider")
        return
    provider = check.object(sent, "provider") or {}
    kind = provider.get("type")
    given = {"type": kind, "name": provider.get("name") or kind}
    if before is None and with_provider and kind in ("OKTA", *WITHOUT_PASSWORD):
        if given["name"] != kind:
            check.add("provider.name", f"must be {kind}")
        shown["provider"] = given
    elif with_provider:
        check.add(
            "provider.type", "must be OKTA, FEDERATION or SOCIAL: the sandbox has no directory"
        )
    elif given != shown["provider"]:
        how = "cannot be changed" if before else "needs provider=true in the query"
        check.add("provider", how)


def _read_password(
    sent: Json, shown: Json, kept: dict[str, str], profile: Json, check: Validation
) -> bool:
    """Read a password, and return whether it is new: an empty object is that of an answer."""
    if sent.get("password") is None:
        return False
    password = check.object(sent, "password") or {}
    ways = [way for way in ("value", "hash", "hook") if password.get(way) is not None]
    if not ways:
        return False
    if len(ways) > 1:
        check.add("password", f"must not have both {ways[0]} and {ways[1]}")
    shown["password"] = {}
    if ways[0] == "value":
        login, value = profile.get("login"), password["value"]
        if not isinstance(value, str):
            check.add("password", "must be a text")
        elif fault := passwords.fault_of(value, login if isinstance(login, str) else ""):
            check.attribute("password", fault)
        else:
            kept["password"] = passwords.hashed(value)
        if shown["provider"] == _IMPORT:
            shown["provider"] = _OKTA
    else:
        shown["provider"] = _IMPORT
        imported = check.object(password, f"password.{ways[0]}") or {}
        if ways[0] == "hash" and imported.get("algorithm") not in _HASHES:
            check.add("password.hash.algorithm", f"must be one of {', '.join(_HASHES)}")
        elif ways[0] == "hash":
            check.text(imported, "password.hash.value")
    return True


def _read_question(sent: Json, shown: Json, kept: dict[str, str], check: Validation) -> None:
    if sent.get("recovery_question") is None:
        return
    question = check.object(sent, "recovery_question") or {}
    text = check.text(question, "recovery_question.question", longest=_LONGEST)
    answer: Any = question.get("answer")
    if answer is None and shown.get("recovery_question") == {"question": text}:
        return
    answer = check.text(question, "recovery_question.answer", longest=_LONGEST)
    if 0 < len(answer) < _SHORTEST_ANSWER:
        check.add("recovery_question.answer", "must have at least 4 characters")
    shown["recovery_question"] = {"question": text}
    kept["answer"] = passwords.hashed(answer.strip().casefold())

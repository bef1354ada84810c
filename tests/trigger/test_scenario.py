"""Names that tell test users from real people."""

from hypothesis import given
from hypothesis import strategies as st

from okhook.trigger.scenario import (
    group_name_of,
    is_our_group,
    is_our_login,
    login_of,
    profile_of,
    suffix_of,
)

KEYS = st.from_regex(r"[A-Za-z0-9_-]{1,30}", fullmatch=True)


@given(KEYS)
def test_what_we_make_is_known_again(key: str) -> None:
    """Each login and each group's name carries our mark, is an address of nobody, and fits."""
    login = login_of(key, "1a2b3c4d")
    assert is_our_login(login)
    assert login.count("@") == 1
    assert login.isascii()
    assert len(login) <= 100
    assert is_our_group(group_name_of(key, "1a2b3c4d"))
    assert suffix_of(login) == suffix_of(group_name_of(key, "1a2b3c4d")) == "1a2b3c4d"


def test_real_people_are_not_ours() -> None:
    """Somebody's login and group are never taken for ours."""
    assert not is_our_login("jane.doe@example.com")
    assert not is_our_login("okhook-jane@corp.example")
    assert not is_our_group("Everyone")


def test_a_profile_is_whole_and_keeps_what_was_given() -> None:
    """What a scenario leaves out is filled in; login and email are ours."""
    profile = profile_of("jane", {"lastName": "Roe", "title": "Boss"}, "1")
    assert profile == {
        "firstName": "Jane",
        "lastName": "Roe",
        "title": "Boss",
        "login": "okhook-jane-1@example.com",
        "email": "okhook-jane-1@example.com",
    }

"""Only the page itself, opened by a link of ours, reaches the inspector."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from okhook.inspector.access import Access, Need, Session, Signer, inspector_key, link_to

KEY = bytes(range(32))
PORT = 1338
START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def access(clock: Clock | None = None, *, key: bytes = KEY, port: int = PORT) -> Access:
    return Access(Signer(key, port), clock or Clock())


def token(signer: Signer, now: datetime = START) -> str:
    return link_to(signer, now).partition("token=")[2]


def session_of(given: Access) -> Session:
    session = given.session_for(token(given.signer, given.now()))
    assert session is not None
    return session


def from_the_page(session: Session) -> dict[str, str]:
    return {
        "host": f"127.0.0.1:{PORT}",
        "sec-fetch-site": "same-origin",
        "x-okhook-inspector": session.page_key,
        "cookie": session.cookie.partition(";")[0],
    }


def test_a_link_opens_the_inspector_once() -> None:
    """A link that someone reads later, in a history or over a shoulder, is worth nothing."""
    inspector = access()
    link = token(inspector.signer)
    assert inspector.session_for(link)
    others = (link, f"{link}=", f"{link[:5]}.{link[5:]}", f"{link}\n", link.replace("_", "/"))
    assert [inspector.session_for(other) for other in others] == [None] * 5


@pytest.mark.parametrize("age", [timedelta(hours=13), timedelta(seconds=2)])
def test_an_old_link_opens_nothing(age: timedelta) -> None:
    """Neither one that is too old, nor one from before this inspector started."""
    clock = Clock()
    inspector = access(clock)
    link = token(inspector.signer, START - timedelta(seconds=2))
    clock.now += age
    assert inspector.session_for(link) is None


def test_links_and_cookies_of_others_are_worth_nothing() -> None:
    """Another key, another port, or a text of the other kind is not accepted."""
    inspector = access()
    others = [Signer(bytes(32), PORT), Signer(KEY, PORT + 1)]
    assert [inspector.session_for(token(other)) for other in others] == [None, None]
    for kind in ("cookie", "page"):
        assert inspector.session_for(inspector.signer.signed(kind, START)) is None
    for text in ("", ".", "x.y.z", "1.2.", "ü.x.y", f"{'f' * 400}.x.y"):
        assert inspector.session_for(text) is None
    elsewhere = access(port=PORT + 1)
    assert inspector.why_refused(from_the_page(session_of(elsewhere)), Need.FILE)


def test_the_cookie_stays_with_this_port() -> None:
    """Browsers send cookies to every port of a host: name and path keep it from the user's app."""
    cookie = session_of(access()).cookie
    assert cookie.startswith("okhook-inspector-1338=")
    assert "; Path=/i-1338/;" in cookie
    assert cookie.endswith("; HttpOnly; SameSite=Strict")


def test_a_cookie_of_another_page_does_not_lock_us_out() -> None:
    """A page on another port can set one with the same name, which the browser sends first."""
    inspector = access()
    headers = from_the_page(session_of(inspector))
    name, _, value = headers["cookie"].partition("=")
    for cookies in (f"{name}=forged; {name}={value}", f"{name}={value}; {name}="):
        assert inspector.why_refused(headers | {"cookie": cookies}, Need.API) is None
    assert inspector.why_refused(headers | {"cookie": f"{name}=a; {name}=b"}, Need.FILE)


def test_a_session_lasts_over_a_restart_but_not_for_ever() -> None:
    """Bookmarks work for 30 days."""
    clock = Clock()
    headers = from_the_page(session_of(access(clock)))
    again = access(clock)
    assert again.why_refused(headers, Need.API) is None
    clock.now += timedelta(days=31)
    newer = from_the_page(session_of(access(clock)))
    for old in ("cookie", "x-okhook-inspector"):
        assert again.why_refused(newer | {old: headers[old]}, Need.API)


@pytest.mark.parametrize("need", Need)
def test_the_page_itself_may_do_everything(need: Need) -> None:
    """With the cookie, the page key, and the headers that a browser sets."""
    inspector = access()
    headers = from_the_page(session_of(inspector)) | {"origin": f"http://127.0.0.1:{PORT}"}
    assert inspector.why_another_host([headers["host"]]) is None
    assert inspector.why_refused(headers, need) is None


@pytest.mark.parametrize(
    ("need", "header", "value"),
    [
        *((need, "cookie", "") for need in Need),
        *((need, "cookie", "okhook-inspector-1338=x.y.z") for need in Need),
        *((need, "sec-fetch-site", "same-site") for need in Need),
        *((need, "sec-fetch-site", "cross-site") for need in Need),
        *((need, "sec-fetch-site", "") for need in Need),
        *((need, "origin", "http://127.0.0.1:3000") for need in Need),
        *((need, "origin", "null") for need in Need),
        (Need.FILE, "sec-fetch-site", "none"),
        (Need.API, "sec-fetch-site", "none"),
        (Need.API, "x-okhook-inspector", ""),
        (Need.API, "x-okhook-inspector", "1"),
        pytest.param(
            *(Need.API, "x-okhook-inspector", Signer(KEY, PORT + 1).signed("page", START)),
            id="the key of another port",  # it is random: processes must agree on a test's name
        ),
    ],
)
def test_everything_else_is_refused(need: Need, header: str, value: str) -> None:
    """One header that is wrong is enough: another page, no cookie, no key."""
    inspector = access()
    headers = from_the_page(session_of(inspector)) | {header: value}
    assert inspector.why_refused(headers, need)


def test_the_cookie_is_not_the_page_key() -> None:
    """A server on another port can obtain the cookie, and send it as any header."""
    inspector = access()
    headers = from_the_page(session_of(inspector))
    value = headers["cookie"].partition("=")[2]
    assert inspector.why_refused(headers | {"x-okhook-inspector": value}, Need.API)


@pytest.mark.parametrize("host", ["evil.example:1338", "127.0.0.1", "127.0.0.1:1339", "[::1]:1338"])
def test_another_name_of_this_machine_is_refused(host: str) -> None:
    """DNS can give any name this machine's address."""
    assert access().why_another_host([host])
    assert access().why_another_host([])
    assert access().why_another_host([f"127.0.0.1:{PORT}", host])


def test_the_key_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    """It survives a restart, nobody else can read it, and a damaged one is replaced."""
    state = tmp_path / "state"
    key = inspector_key(state)
    assert len(key) == 32
    assert inspector_key(state) == key
    file = state / "inspector.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_bytes(b"short")
    assert len(inspector_key(state)) == 32
    assert [each.name for each in state.iterdir()] == ["inspector.key"]

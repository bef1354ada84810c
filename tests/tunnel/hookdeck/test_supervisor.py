"""The supervisor: what a child does goes in, decisions come out."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.activity import Warned
from okhook.errors import TunnelFailed
from okhook.tunnel.activities import (
    TunnelAttempt,
    TunnelOutput,
    TunnelReady,
    TunnelReconnected,
    TunnelReconnecting,
    TunnelRestarting,
)
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.parser import OutputParser
from okhook.tunnel.hookdeck.program import HookdeckVersion
from okhook.tunnel.hookdeck.supervisor import (
    BACK_OFF_S,
    HEALTHY_AFTER_S,
    LAST_TRY_S,
    QUIET_S,
    SETTLE_S,
    Decision,
    EndChild,
    Pause,
    Supervisor,
)
from tests.tunnel.hookdeck import dialects

URL_ONLY = """\
Listening on 1 source • 1 connection

okta
│  Requests to → https://hkdk.events/src_ccc333
"""
READY_2_6 = TunnelReady(
    webhook_url="https://hkdk.events/src_ccc333",
    dashboard_url="https://console.hookdeck.com/signin/guest?token=g2",
    source="okta",
    forwards_to="http://localhost:1337/okta-webhooks-endpoint",
    hookdeck_version="2.6.0",
    guest=True,
)


@dataclass
class Play:
    """A supervisor with a clock and a parser of its own; each step returns the decisions."""

    config: HookdeckConfig = field(default_factory=lambda: HookdeckConfig(timeout_s=60))
    version: HookdeckVersion = field(default_factory=lambda: HookdeckVersion(2, 6))
    own_urls: frozenset[str] = frozenset()
    at_s: float = 1000.0

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.config, self.version, self.at_s, self.own_urls)
        self.start()

    def start(self) -> None:
        self.parser = OutputParser()
        self.supervisor.started(self.at_s)

    def says(self, text: str) -> list[Decision]:
        said = self.parser.feed("stdout", text.encode())
        return [decision for s in said for decision in self.supervisor.heard(s, self.at_s)]

    def waits(self, seconds: float) -> list[Decision]:
        self.at_s += seconds
        return self.supervisor.time_passed(self.at_s)

    def exits(self, code: int | None = 1) -> list[Decision]:
        return self.supervisor.exited(code, self.at_s)

    def restarts(self, code: int | None = 1) -> float:
        """Let the child exit and the next one start; return the delay between them."""
        restart = self.exits(code)[-1]
        assert isinstance(restart, TunnelRestarting | Pause)
        self.at_s += restart.delay_s
        self.start()
        return restart.delay_s


def ready_of(decisions: list[Decision]) -> TunnelReady:
    return next(d for d in decisions if isinstance(d, TunnelReady))


def warnings_of(decisions: list[Decision]) -> list[str]:
    return [d.text for d in decisions if isinstance(d, Warned)]


def failure_of(decisions: list[Decision]) -> str:
    assert len(decisions) == 1
    error = decisions[0]
    assert isinstance(error, TunnelFailed)
    return f"{error.what}\n{error.why}\n{error.next_step}"


def test_ready_as_soon_as_all_is_announced() -> None:
    """With the last line of the announcement, without a wait."""
    play = Play()
    assert READY_2_6 in play.says(dialects.GUEST_2_6)
    assert play.supervisor.deadline_s() is None


def test_ready_without_a_dashboard_after_a_moment() -> None:
    """The webhook URL is enough: lines that do not follow it at once never come."""
    play = Play()
    assert play.says(URL_ONLY) == []
    assert play.supervisor.deadline_s() == play.at_s + SETTLE_S
    assert play.waits(SETTLE_S / 2) == []
    decisions = play.waits(SETTLE_S)
    assert ready_of(decisions).webhook_url == "https://hkdk.events/src_ccc333"
    assert ready_of(decisions).forwards_to == "http://localhost:1337/okta-webhooks-endpoint"
    assert ready_of(decisions).dashboard_url is None


def test_the_old_dialect_is_ready_too() -> None:
    """0.11 prints only a path; it becomes the local URL."""
    play = Play(version=HookdeckVersion(0, 11, 3))
    decisions = play.says(dialects.GUEST_0_11)
    ready = ready_of(decisions)
    assert ready.webhook_url == "https://events.hookdeck.com/e/src_aaa111"
    assert ready.forwards_to == "http://localhost:1337/okta-webhooks-endpoint"
    assert (ready.guest, ready.hookdeck_version) == (True, "0.11.3")


def test_activities_are_published_while_it_listens() -> None:
    """Attempts, lost connections, warnings and unknown lines."""
    play = Play()
    play.says(dialects.GUEST_2_6)
    decisions = play.says(
        "2026-11-23 20:37:09 [204] POST http://localhost:1337/h (1ms)\n"
        "Connection lost, reconnecting...\n"
        "● Warning: careful\n"
        "  something new\n"
    )
    assert decisions == [
        TunnelAttempt("2026-11-23 20:37:09", 204, "POST", "http://localhost:1337/h", None, 1),
        TunnelReconnecting(),
        Warned("careful"),
        TunnelOutput("stdout", "  something new"),
    ]


def test_a_dead_child_is_restarted_with_back_off() -> None:
    """1, 2, 4, 8, 16 and then always 30 seconds, if there was a webhook URL."""
    play = Play()
    play.says(dialects.GUEST_2_6)
    assert [play.restarts() for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_healthy_child_resets_the_back_off() -> None:
    """The end of a child that listened for a while is no sign of a lasting fault."""
    play = Play()
    play.says(dialects.GUEST_2_6)
    play.restarts()
    play.restarts()
    play.says(dialects.GUEST_2_6)
    play.at_s += HEALTHY_AFTER_S
    assert play.restarts() == 1


def test_a_short_life_does_not_reset_the_back_off() -> None:
    """A child that ends right after it is ready restarts less and less often."""
    play = Play()
    delays = []
    for _ in range(4):
        play.says(dialects.GUEST_2_6)
        play.at_s += 1
        delays.append(play.restarts())
    assert delays == [1, 2, 4, 8]


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        (1, "Getting ready...\nsomething broke\n", "something broke"),
        (-9, "something\n", "ended by SIGKILL"),
        (-250, "", "ended by signal 250"),
        (0, "", "it gave no reason"),
        (None, "", "it gave no reason"),
    ],
)
def test_a_restart_has_a_reason(code: int | None, said: str, reason: str) -> None:
    """The signal or the last line, but never an event line."""
    play = Play()
    play.says(dialects.GUEST_2_6)
    play.exits()
    play.start()
    play.says(said)
    play.says("2026-11-23 20:37:09 [204] POST http://localhost:1337/h (1ms)\n")
    assert play.exits(code) == [TunnelRestarting(2, reason, code)]


def test_no_webhook_url_in_time_gives_up() -> None:
    """The error contains the child's output."""
    play = Play(HookdeckConfig(timeout_s=10))
    play.says("Getting there...\n")
    assert play.waits(9) != []
    assert play.supervisor.deadline_s() == play.at_s + 1
    told = failure_of(play.waits(1))
    assert "no webhook URL within 10 s" in told
    assert "Getting there..." in told


def test_the_time_limit_includes_restarts() -> None:
    """Without a network the start is retried until the time limit."""
    play = Play(HookdeckConfig(timeout_s=5))
    delays = []
    for _ in range(3):
        play.says('Get "https://api/x": dial tcp: lookup api: no such host\n')
        delays.append(play.restarts())
    play.says('Get "https://api/x": dial tcp: lookup api: no such host\n')
    assert delays == [1, 2, 5 - 1 - 2 - LAST_TRY_S]
    assert failure_of(play.exits()).splitlines()[:3] == [
        "Hookdeck could not reach api: no such host (DNS)",
        "Hookdeck printed no webhook URL within 5 s",
        'Get "https://api/x": dial tcp: lookup api: no such host',
    ]


def test_the_error_has_the_words_of_an_earlier_child_if_the_last_had_no_time_field_08() -> None:
    """The error contains the time limit, not the time until the last child ended."""
    play = Play(HookdeckConfig(timeout_s=5))
    play.says("something is wrong\n")
    play.restarts()
    play.at_s += 3.5
    assert failure_of(play.exits()).startswith(
        "Hookdeck printed no webhook URL within 5 s\nsomething is wrong\n"
    )


def test_it_says_when_it_is_connected_again_field_06() -> None:
    """By its own word, or by an attempt; the first connection is only output."""
    attempt = "2026-11-23 20:37:09 [204] POST http://localhost:1337/h (1ms)\n"
    play = Play()
    play.says(dialects.GUEST_2_6)
    connected = "Connected. Waiting for events..."
    assert play.says(f"{connected}\n") == [TunnelOutput("stdout", connected)]
    for back in (f"{connected}\n", attempt):
        assert play.says("Connection lost, reconnecting...\n") == [TunnelReconnecting()]
        assert play.says(back)[0] == TunnelReconnected()
        assert TunnelReconnected() not in play.says(back)


def test_a_cloud_that_connects_nobody_is_said_once_field_08() -> None:
    """It gives each child a webhook URL, but no connection."""
    play = Play()
    announcement = dialects.GUEST_2_6.partition("Getting ready...")[0]
    failed = "Could not connect. Terminating. Last error: dial tcp 10.0.0.1:9: connect: refused\n"
    kinds = []
    for _ in range(3):
        play.says(announcement)
        decisions = [*play.says("Getting ready...\n"), *play.waits(QUIET_S), *play.says(failed)]
        kinds.append([type(decision) for decision in [*decisions, *play.exits()]])
        play.start()
    assert kinds == [[TunnelOutput, Warned, TunnelOutput, TunnelRestarting], [Pause], [Pause]]


@pytest.mark.parametrize(
    ("version", "told"), [(HookdeckVersion(2, 6), True), (HookdeckVersion(2, 5, 0), False)]
)
def test_a_url_without_a_connection_is_said_once_field_06(
    version: HookdeckVersion, told: bool
) -> None:
    """If this version says when it is connected. What comes to the URL meanwhile is lost."""
    play = Play(version=version)
    play.says(dialects.GUEST_2_6.replace("Connected. Waiting for events...", ""))
    play.says("Getting ready...\n")
    warnings = warnings_of(play.waits(QUIET_S))
    assert [("is not connected" in text) for text in warnings] == [True] * told
    assert play.supervisor.deadline_s() is None


OFFLINE = (
    "Creating a guest account...\n"
    'time="11:38:{0}" error="Post "https://api.x/c": dial tcp: lookup api.x: no such host" url=x\n'
    'Post "https://api.x/c": dial tcp: lookup api.x: no such host\n'
)


def test_offline_is_said_once_field_08() -> None:
    """The first child's lines, then why it ended; nothing of the next ones."""
    play = Play()
    assert len(play.says(OFFLINE.format(1))) == 3
    assert play.exits() == [
        TunnelRestarting(1, "could not reach api.x: no such host (DNS)", 1),
    ]
    for number in range(2, 5):
        play.start()
        assert play.says(OFFLINE.format(number)) == []
        assert [type(decision) for decision in play.exits()] == [Pause]
    play.start()
    assert play.says("something else\n") == [TunnelOutput("stdout", "something else")]
    assert play.exits() == [TunnelRestarting(16, "something else", 1)]


def test_the_next_outage_is_said_again_field_08() -> None:
    """After a webhook URL, the same words are news."""
    play = Play()
    play.says(OFFLINE.format(1))
    play.restarts()
    play.says(dialects.GUEST_2_6)
    play.restarts()
    assert len(play.says(OFFLINE.format(2))) == 3
    assert isinstance(play.exits()[0], TunnelRestarting)


@pytest.mark.parametrize(
    ("said", "proxy", "told"),
    [
        ("", None, "Hookdeck gets no response from its cloud; okhook waits 60 s for a webhook URL"),
        ("", "proxy:3128", "gets no response from its cloud through the proxy proxy:3128"),
        (
            "dial tcp: lookup api.x: no such host\n",
            None,
            "could not reach api.x: no such host (DNS)",
        ),
    ],
)
def test_a_silent_start_is_said_within_10_s_field_08(
    said: str, proxy: str | None, told: str
) -> None:
    """Once, and before the time limit."""
    play = Play()
    play.supervisor.proxy = proxy
    play.says(said)
    assert play.waits(QUIET_S - 1) == []
    [warning] = warnings_of(play.waits(1))
    assert told in warning
    assert play.waits(QUIET_S) == []
    assert play.supervisor.deadline_s() == play.at_s + 60 - 2 * QUIET_S


def test_a_hanging_child_is_replaced_once_there_was_a_url() -> None:
    """Later, a child that announces no webhook URL in time is replaced."""
    play = Play(HookdeckConfig(timeout_s=10))
    play.says(dialects.GUEST_2_6)
    play.restarts()
    assert play.waits(9) == []
    assert play.waits(1) == [EndChild()]
    reason = "no webhook URL within 10 s"
    assert play.exits(-2) == [TunnelRestarting(2, reason, -2)]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("unknown flag: --nosuch\n", "does not accept its arguments"),
        ("Authentication failed: your API key is invalid or expired.\n", "refused the key"),
        ('401: {"status":401,"message":"Unauthorized"}\n', "refused the key"),
        ('422: {"status":422,"message":"bad name"}\n', "rejected the request"),
    ],
)
def test_a_lasting_fault_is_an_error_at_once(said: str, what: str) -> None:
    """With Hookdeck's last lines, also after it listened for a long time."""
    first = Play()
    first.says(said)
    later = Play()
    later.says(dialects.GUEST_2_6)
    later.restarts()
    later.says(said)
    for play in (first, later):
        told = failure_of(play.exits())
        assert what in told
        assert said.strip() in told


def test_a_program_that_cannot_run_is_an_error() -> None:
    """npx passes on the shell's exit codes for that."""
    play = Play()
    play.says("sh: 1: hookdeck-cli: not found\n")
    assert "could not run" in failure_of(play.exits(127))


def test_a_requested_restart_has_the_shortest_delay() -> None:
    """Also after an earlier restart."""
    play = Play()
    play.says(dialects.GUEST_2_6)
    play.restarts()
    play.says(dialects.GUEST_2_6)
    assert play.supervisor.restart_wanted("the canary did not come") == [EndChild()]
    assert play.exits(0) == [
        TunnelRestarting(BACK_OFF_S[0], "the canary did not come", 0),
    ]


def test_a_new_webhook_url_is_a_warning() -> None:
    """The registered hook still has the old one."""
    play = Play()
    play.says(dialects.GUEST_2_6)
    play.restarts()
    decisions = play.says(dialects.GUEST_2_6.replace("src_ccc333", "src_new"))
    assert ready_of(decisions).webhook_url == "https://hkdk.events/src_new"
    assert "changed from https://hkdk.events/src_ccc333" in warnings_of(decisions)[0]


def test_the_same_webhook_url_is_ready_again_without_a_warning() -> None:
    """A successful restart publishes only ready."""
    play = Play()
    play.says(dialects.GUEST_2_6)
    play.restarts()
    decisions = play.says(dialects.GUEST_2_6)
    assert ready_of(decisions) == READY_2_6
    assert warnings_of(decisions) == []


def test_a_changed_destination_is_a_warning_once() -> None:
    """In an account, a source that already existed may be a colleague's."""
    play = Play()
    assert "for everyone in that" in warnings_of(play.says(dialects.ACCOUNT_2_6))[0]
    play.restarts()
    assert warnings_of(play.says(dialects.ACCOUNT_2_6)) == []


def test_our_own_source_is_no_warning() -> None:
    """This machine created it, or warned about it before."""
    url = ready_of(Play().says(dialects.ACCOUNT_2_6)).webhook_url
    assert warnings_of(Play(own_urls=frozenset({url})).says(dialects.ACCOUNT_2_6)) == []
    other = Play(own_urls=frozenset({url + "x"}))
    assert len(warnings_of(other.says(dialects.ACCOUNT_2_6))) == 1


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (dialects.ACCOUNT_1_7, HookdeckVersion(1, 7, 1)),
        (dialects.ACCOUNT_0_11, HookdeckVersion(0, 11, 3)),
        (dialects.GUEST_2_6.replace('Source "okta" not found.', ""), HookdeckVersion(2, 6)),
    ],
    ids=["made just now", "cannot be known", "a guest's own"],
)
def test_a_new_source_or_a_guest_is_no_warning(text: str, version: HookdeckVersion) -> None:
    """Nobody else uses it. 0.11 does not print whether a source is new."""
    assert warnings_of(Play(version=version).says(text)) == []


def test_a_target_with_another_path_is_a_warning() -> None:
    """Also if that path only begins with ours."""
    play = Play(HookdeckConfig(path="/okta"))
    decisions = play.says(dialects.GUEST_2_6)
    assert warnings_of(decisions) == [
        "Hookdeck forwards to http://localhost:1337/okta-webhooks-endpoint, not to /okta"
    ]


def test_a_target_is_the_same_in_another_spelling_field_02() -> None:
    """The path is percent-encoded or not."""
    play = Play(HookdeckConfig(path="/caf%C3%A9"))
    decisions = play.says(dialects.GUEST_2_6.replace("/okta-webhooks-endpoint", "/café"))
    assert warnings_of(decisions) == []


def test_our_source_and_target_are_found_among_several() -> None:
    """By the slug that Hookdeck prints for the name, and by the whole path."""
    play = Play(HookdeckConfig(source="okta-1.7", path="/b"))
    decisions = play.says(
        "Listening on 2 sources • 3 connections\n"
        "stripe\n"
        "│  Requests to → https://hkdk.events/src_1\n"
        "└─ Forwards to → http://localhost:1337/b2 (one)\n"
        "okta-1-7\n"
        "│  Requests to → https://hkdk.events/src_2\n"
        "└─ Forwards to → http://localhost:1337/b (two)\n"
        "💡 Sign up to make your webhook URL permanent: https://console.example/\n"
    )
    decisions += play.waits(SETTLE_S)
    assert ready_of(decisions).webhook_url == "https://hkdk.events/src_2"
    assert ready_of(decisions).forwards_to == "http://localhost:1337/b"


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80).map(lambda data: data.decode("utf-8", "replace") + "\n"),
            st.sampled_from(dialects.GUEST_2_6.splitlines(keepends=True)),
            st.sampled_from(["└─ Forwards to → http://[ (x)\n", "│  Requests to → http://[x\n"]),
            st.floats(0, 100),
            st.none(),
            st.integers(-64, 255),
        ),
        max_size=40,
    )
)
def test_nothing_that_a_child_does_raises(steps: list[str | float | int | None]) -> None:
    """Every event leads to decisions, and delays stay in bounds."""
    play = Play()
    for step in steps:
        decisions: list[Decision]
        if isinstance(step, str):
            decisions = play.says(step)
        elif isinstance(step, float):
            decisions = play.waits(step)
        else:
            decisions = play.exits(step)
            play.start()
        delays = [d.delay_s for d in decisions if isinstance(d, TunnelRestarting)]
        assert all(0 < delay <= max(BACK_OFF_S) for delay in delays)

"""Every activity's JSON line is as it was: whoever reads them relies on each name and its place."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import okhook.activity as activity
import okhook.check.results as check
import okhook.cli.admin_port as admin
import okhook.cli.down.run as down
import okhook.cli.help.pages as manual
import okhook.cli.inspect.run as inspected
import okhook.cli.status.run as status
import okhook.cli.store.run as store
import okhook.doctor.check as doctor
import okhook.okta.activities as okta
import okhook.okta.permissions as credentials
import okhook.reconcile.activities as reconcile
import okhook.records.activities as forward
import okhook.records.activities as records
import okhook.replay.replayer as replay
import okhook.sandbox.activities as sandbox
import okhook.send_sample.sender as send_sample
import okhook.trace.story as traced
import okhook.trigger.activities as trigger
import okhook.tunnel.activities as tunnel
import okhook.up.activities as up
from okhook.activity import Activity
from okhook.check.case import Case, Level, Need
from okhook.check.plan import Plan
from okhook.config.shown import ShownSetting
from okhook.doctor.check import Finding, Outcome
from okhook.errors import Unavailable
from okhook.okta.as_code.changes import PartChange
from okhook.okta.as_code.plan import HookPlanned, PlanSummed
from okhook.okta.event_hooks import EventHook, WantedHook
from okhook.okta.permissions import Permission
from okhook.okta.retry import CallRetried, RateLimited, RateLimitLeft
from okhook.okta.system_log import LogEntry
from okhook.reconcile.activities import Cell, Tally
from okhook.reconcile.causes import Cause, Likely
from okhook.reconcile.cursor import Window
from okhook.records.attempt import Attempt, Backlog, Forward, ForwardState, Purpose, Target
from okhook.records.record import AuthOutcome, Found, Record, RecordKind
from okhook.secret import Secret
from okhook.trigger.activities import Created
from okhook.wire.delivery import InboundRequest

LINES = (Path(__file__).parent / "json_lines.jsonl").read_text(encoding="ascii").splitlines()

AT = datetime(2026, 11, 23, 20, 37, 9, 123456, tzinfo=UTC)
LATER = AT + timedelta(seconds=90)
BODY = json.dumps(
    {
        "eventId": "ev1",
        "source": "https://o.okta.com/api/v1/eventHooks/who1",
        "data": {
            "events": [
                {
                    "uuid": "u1",
                    "eventType": "user.lifecycle.create",
                    "published": "2026-11-23T20:37:00.000Z",
                    "outcome": {"result": "SUCCESS"},
                    "actor": {
                        "id": "00a",
                        "type": "User",
                        "alternateId": "ann@example.com",
                        "displayName": "Ann",
                    },
                    "target": [
                        {
                            "id": "00b",
                            "type": "User",
                            "alternateId": "ben@example.com",
                            "displayName": "Ben \u00e9",
                        },
                        {
                            "id": "00g",
                            "type": "UserGroup",
                            "alternateId": "unknown",
                            "displayName": "All",
                        },
                    ],
                },
                {"uuid": "u2", "eventType": "x.y"},
            ]
        },
    }
).encode()
CAN = BODY.replace(b"ev1", b"can-1")
REQ = InboundRequest(
    "POST",
    "/okta/events?a=1",
    (
        (b"authorization", b"Basic abc"),
        (b"x-hookdeck-event-url", b"https://dashboard.hookdeck.com/e/1"),
        (b"X-Okhook-Reconstructed", b"1"),
    ),
    BODY,
    AT,
)
REC = Record(7, RecordKind.DELIVERY, REQ, 204, None, AuthOutcome.MATCHED, 3, "1337/hook")
REFUSED = Record(
    8,
    RecordKind.REFUSED,
    InboundRequest("GET", "/x", (), b"\xff\x00", AT),
    401,
    "no secret",
    AuthOutcome.DID_NOT_MATCH,
    None,
)
ATT = Attempt(
    7,
    "http://localhost:3000/h",
    Purpose.REPLAY,
    2,
    AT,
    0.0123456,
    500,
    None,
    None,
    b"no\xff",
    "text/plain",
)
ATT0 = Attempt(
    7, "http://localhost:3000/h", Purpose.FORWARD, 1, AT, 1.5, None, "timeout", "it took too long"
)
FWD = Forward(7, "http://localhost:3000/h", ForwardState.WAITING, 2, LATER)
FWD1 = Forward(7, "http://localhost:3000/h", ForwardState.DONE, 2)
HOOK = EventHook(
    "who1",
    "n",
    None,
    "ACTIVE",
    "VERIFIED",
    None,
    frozenset({"a"}),
    frozenset(),
    "https://h/",
    (),
    None,
    {"id": "who1", "z": {"k": [1]}},
)
ENTRY = LogEntry("u1", "user.x", AT, ("who1",), {"uuid": "u1"})
CASE = Case(
    id="challenge-echo",
    title="t",
    level=Level.MUST,
    rule="r",
    source="https://s/",
    sends="s",
    expects="e",
    fix="f",
    plan=lambda _: Plan(()),
    judge=lambda _: None,
    needs=frozenset({Need.SOCKET, Need.SECRET}),
)
PASSED = check.CaseResult(CASE, check.Outcome.PASSED, "p95", None, None, None, None, 0.0126)
FAILED = check.CaseResult(CASE, check.Outcome.FAILED, None, "c", "th", "fx", "curl …", 0.5)
JANE, GROUP = trigger.Subject("00u1", "jane@example.com"), trigger.Subject("00g1", "Sales")
STEP = trigger.StepDone("user.lifecycle.suspend", False, JANE, GROUP, AT)
M1, M2 = Created("user", "jane@example.com", "00u1"), Created("group", "Sales", None)


def samples() -> Iterator[Activity]:
    yield activity.ReceiverReady("http://127.0.0.1:1/h", True)
    yield records.VerificationAnswered(
        Record(
            1,
            RecordKind.VERIFICATION,
            InboundRequest("GET", "/", ((b"x-okta-verification-challenge", b"abc"),), b"", AT),
            200,
            None,
            AuthOutcome.MATCHED,
            None,
        )
    )
    yield records.DeliveryStored(REC)
    yield records.DeliveryStored(
        Record(
            8,
            RecordKind.DELIVERY,
            InboundRequest("POST", "/", (), b"", AT),
            204,
            None,
            AuthOutcome.MATCHED,
            None,
        )
    )
    yield records.CanaryStored(
        Record(
            2,
            RecordKind.CANARY,
            InboundRequest("POST", "/", (), CAN, AT),
            204,
            None,
            AuthOutcome.MATCHED,
            None,
        )
    )
    yield records.RequestRefused(None, REFUSED.request, 405, "no")
    yield activity.Warned("careful \x1b")
    yield activity.StoreTrouble("the store is away")
    yield activity.ForwardingWaits("forwarding waits")
    yield activity.StoreRecovered("/s.db", 12.3)
    yield activity.Stopping(4.96, 1, ("http://t",))
    yield activity.Stopped()
    yield manual.ManualTopic("ci", "test a receiver in CI")
    yield manual.ManualPage("ci", "# Test a receiver in CI\n")
    yield manual.ManualMatch("ci", "Sandbox", "a line", is_code=False)
    yield activity.Failed(3, "it failed", "because", None)
    yield records.CurlWritten(REC, "curl x")
    yield records.RecordsExported("f.jsonl", 3)
    yield send_sample.SamplePlanned("http://h/", {"a": "b"}, "ev1", {"eventId": "ev1"})
    yield doctor.Checked("store", Finding(Outcome.WARNING, "detail", "do it", ("f1", "f2")), 0.0126)
    yield doctor.Checked("org", Finding(Outcome.SKIPPED, "none"), 1.0)
    yield doctor.Diagnosis(("a",), ("b",), (), ("c", "d"), 2.3456)
    yield doctor.Diagnosis((), (), ("x",), (), 2.3456)
    yield forward.Forwarded(ATT, FWD)
    yield forward.Forwarded(ATT0, FWD1)
    yield forward.TargetDown("http://t", "gone")
    yield forward.TargetUp("http://t", 12.345, 3)
    yield forward.TargetTaken("http://t")
    yield forward.Backlogged("http://t", Backlog(1, 2, 3))
    yield forward.BacklogSkipped("http://t", 4)
    yield forward.WaitingElsewhere("http://t", "8080/hook", 4)
    yield RateLimited("https://o.okta.com", 59.96, 61.04)
    yield RateLimited("https://o.okta.com", 5, None)
    yield CallRetried("GET /x", "HTTP 500", 1.23456)
    yield okta.VerifyingAgain(2, "nobody", 12.34)
    yield okta.ProbeReport(
        "https://h/",
        (okta.ProbeStep("DNS", True, "1.2.3.4"), okta.ProbeStep("TLS", None, "")),
        None,
        "wait",
        "hookdeck",
    )
    yield okta.Registered("https://o.okta.com", "updated", HOOK, ("url", "events"))
    yield okta.HookFound("https://o.okta.com", HOOK)
    yield okta.HookChanged("https://o.okta.com", "updated", HOOK, ("url", "events"))
    yield okta.HooksExported("https://o.okta.com", "toml", 2, None, "[[hook]]")
    changes = (PartChange("url", ("https://a",), ("https://b",)), PartChange("secret"))
    wanted = WantedHook("audit", "https://b", ("user.session.start",))
    yield HookPlanned(
        "https://o.okta.com",
        "update",
        changes,
        True,
        ("OKHOOK_AUTH_SECRET",),
        (),
        HOOK,
        wanted,
        True,
    )
    yield HookPlanned(
        "https://o.okta.com", "create", (), True, (), ("OKHOOK_AUTH_SECRET_A",), None, wanted, True
    )
    yield PlanSummed("https://o.okta.com", 1, 2, 3, 4, 5, 6)
    yield okta.EventTypeListed("a.b", None, (HOOK, HOOK), True)
    yield okta.EventTypeListed("a.b", True, None, False)
    yield credentials.LoggedIn("https://o.okta.com", "Keychain", 3)
    yield credentials.LoggedOut("https://o.okta.com")
    yield credentials.WhoAmI(
        "https://o.okta.com",
        "flag",
        credentials.CredentialShown("api_token", "env", "c", "k", "kid", ("a", "b")),
        (
            Permission("users", True, None, RateLimitLeft(600, 599, AT)),
            Permission("logs", False, "no", RateLimitLeft(1, 0, None)),
            Permission("x", False, "no", None),
        ),
        (ShownSetting("port", "1337", "default"), ShownSetting("token", None, "env")),
    )
    yield credentials.WhoAmI(
        "https://o.okta.com",
        "flag",
        credentials.CredentialShown("api_token", "env"),
        (),
        (),
    )
    yield reconcile.EventMissed(ENTRY, Cause(Likely.NO_LISTENER, ("no receiver ran at ", AT)))
    yield reconcile.EventReconstructed(ENTRY, "ev-9")
    yield reconcile.EventNotReconstructed(ENTRY, "bad")
    yield reconcile.LookFailed(AT, Unavailable("o did not answer", why="dns"), 8.0)
    yield reconcile.Reconciled(
        "https://o.okta.com",
        "who1",
        Window(AT, LATER, timedelta(0)),
        Tally(
            read=20,
            passed_by=5,
            reconstructed=2,
            not_reconstructed=1,
            total=Cell(1, 2, 3, 4),
            cells={
                ("b", AT): Cell(1, 0, 0, 0),
                ("a", LATER): Cell(0, 1, 2, 3),
                ("a", AT): Cell(),
            },
        ),
    )
    yield records.RecordFound(Found(REC, (FWD, FWD1)), ATT)
    yield records.RecordFound(Found(REFUSED))
    yield records.RecordShown(Found(REC, (FWD,)), [ATT0, ATT], [9, 10])
    yield records.RecordShown(Found(REFUSED), [], [])
    yield replay.Replayed(ATT, True)
    yield replay.Replayed(ATT0, False)
    yield replay.ReplayPlanned(replay.Replay(REC, "http://t", 1))
    yield replay.ReplaysSummed(5, 3, 1.23456, {"200": 3, "timeout": 2})
    yield sandbox.SandboxReady("http://127.0.0.1:9", Secret("tok"))
    yield sandbox.ApiCalled(AT, "GET", "/api", 404, "E0000007", "req")
    yield sandbox.HookVerification(AT, "who1", "https://h/", 2, None)
    yield sandbox.HookVerification(AT, "who1", "https://h/", 2, "no echo")
    yield sandbox.HookDelivery(AT, "who1", "https://h/", "ev1", ("a", "b"), 2, 204, None)
    yield sandbox.HookDelivery(AT, "who1", "https://h/", "ev1", ("a",), 2, None, "timeout")
    yield sandbox.HookDeliveryDropped(AT, "who1", ("a",))
    yield sandbox.HookFilterNotUnderstood(AT, "who1", "a", "x == y", "no")
    yield sandbox.FaultInjected(AT, "slow", "GET", "/x")
    yield send_sample.SampleSent("ev1", 204, 0.0123456, 1, False, None, None, b"")
    yield send_sample.SampleSent(None, None, 3.1, 2, True, "timeout", "too long", b"ab\xff", 7)
    yield send_sample.SamplesSummed(5, 3, 12.345, 0.5, 0.0123456, 0.2, {"204": 3})
    yield send_sample.SamplesSummed(0, 0, None, 0.5, None, None, {})
    yield records.RecordsPruned(5, 4, 12345, 2)
    yield inspected.InspectorReady("http://127.0.0.1:1338/i-1338/", Secret("a link"))
    yield admin.AdminReady("http://127.0.0.1:9100", ("http://localhost:3000",))
    yield traced.Arrived(REC)
    yield traced.Arrived(REFUSED)
    yield traced.Tried((ATT0, ATT))
    yield traced.TraceEnd(
        "7",
        (
            traced.End(7, traced.DeliveryState.WAITING, "http://t", 2, 500, "timeout", LATER),
            traced.End(8, traced.DeliveryState.REFUSED, status=401),
        ),
        ("okhook register",),
    )
    yield STEP
    yield trigger.StepDone("user.lifecycle.create", True, JANE, None, AT)
    yield trigger.Arrived(STEP, 7, "u1", "ev1", "who1", AT, 1.23456)
    yield trigger.Lost(
        STEP,
        60.0004,
        True,
        None,
        (
            trigger.Finding("logged", "Is it?", "no", "nothing", "okhook x"),
            trigger.Finding("tunnel", "Is it?", "unknown", "nothing"),
        ),
    )
    yield trigger.Triggered("https://o.okta.com", "s", 3, 2)
    yield trigger.LeftInOrg("https://o.okta.com", (M1, M2), "okhook trigger --cleanup-only")
    yield trigger.CleanedUp(
        "https://o.okta.com",
        (M1,),
        (M2,),
        (trigger.NotRemoved(M2, "HTTP 500"),),
        "okhook trigger --cleanup-only",
    )
    yield trigger.CleanedUp("https://o.okta.com", (M1,), (), (), "okhook trigger --cleanup-only")
    yield trigger.Triggerable("a.b", "it happens")
    yield trigger.ScenarioListed("s", ("a", "b"), "x = 1")
    yield trigger.ScenarioListed("s", ("a", "b"))
    yield tunnel.TunnelReady(
        "https://hkdk.events/x", None, "okta", "http://localhost:1/h", "2.1.0", True
    )
    yield tunnel.TunnelAttempt(
        "2026-11-23 20:37:09", 204, "POST", "http://localhost:1/h", "https://d/e", 12, None
    )
    yield tunnel.TunnelReconnecting()
    yield tunnel.TunnelRestarting(2.5, "it ended", -9)
    yield tunnel.TunnelOutput("stderr", "hm")
    yield tunnel.TunnelStopped(None)
    yield store.StoreShown("store.db", 6, 2, 3, 4096, ("ci",), (Target("http://t", 0, 3, "ci"),))
    yield store.StoreMigrated("store.db", 0, 6)
    yield store.StoreCopied("store.db", "postgresql://h/db", 2, 1, resumed=False)
    yield status.ProgramFound(
        "1337",
        "up",
        5,
        True,
        AT,
        "http://h/",
        "/state/store.db",
        ("http://t",),
        "https://w/",
        "https://o",
        "who1",
        "http://127.0.0.1:1338/i-1338/",
        "http://127.0.0.1:9100",
        "l",
    )
    yield down.ProgramEnded("1337", "up", 5)
    yield up.StepChanged("store", "waiting")
    yield up.StepChanged("store", "done", "store.db", 0.0126)
    yield up.StepChanged("store", "failed")
    yield up.Ready(
        "https://o.okta.com",
        "who1",
        "https://hkdk.events/x",
        "http://127.0.0.1:1",
        "https://d/",
        False,
        ("http://localhost:3000",),
        sandbox_token=Secret("t"),
    )
    yield up.EventsAwaited(("a", "b"))
    yield up.TunnelCameBack("https://hkdk.events/x")
    yield up.PathLost("lost")
    yield up.PathLost("lost", "do this")
    yield up.PathProved(0.035)
    yield tunnel.TunnelReconnected()
    yield tunnel.TunnelStalled("stopped")
    yield tunnel.TunnelResumed()
    yield PASSED
    yield FAILED
    yield check.CaseListed(CASE)
    yield check.summary_of("http://h/", [PASSED, FAILED], 1.2345)


def test_every_line_is_as_it_was() -> None:
    """Names, order and forms; a line that changes here changes for whoever reads it."""
    assert [json.dumps(sample.to_json()) for sample in samples()] == LINES


def test_every_activity_has_a_line_here() -> None:
    """Whoever adds an activity adds a sample of it, and its line."""
    sampled = {type(sample) for sample in samples()}
    below = list(Activity.__subclasses__())
    for each in below:
        below += each.__subclasses__()
    named = {(each.__module__, each.__name__) for each in below}
    ours = {(module, name) for module, name in named if module.startswith("okhook.")}
    assert {(each.__module__, each.__name__) for each in sampled} == ours

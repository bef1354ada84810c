"""Why an event did not arrive: each question with an answer, its evidence, and what fixes it."""

import shlex

import pytest

from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.runtime.running_here import RunningHere
from okhook.trigger.activities import Finding
from okhook.trigger.diagnosis import Diagnosis
from okhook.trigger.event_path import EventPath, NoAnswer
from tests.support.records import post
from tests.trigger.setup import (
    CREATE,
    NO_TUNNEL,
    RECEIVER,
    SAYS_NO,
    TUNNELLED,
    UP,
    WEBHOOK,
    entry,
    failure,
    hook,
    path,
)

DENIED = NoAnswer("no permission")
SUSPEND = "user.lifecycle.suspend"
OLD_TUNNEL = "https://hkdk.events/of-yesterday"


def found(
    where: EventPath,
    question: str,
    *,
    records: tuple[Record, ...] = (),
    wanted: tuple[str, ...] = (CREATE,),
    is_here: bool = False,
) -> Finding:
    diagnosis = Diagnosis(where, records, wanted, is_here, lambda *words: shlex.join(words))
    [answer] = [finding for finding in diagnosis.findings() if finding.question == question]
    return answer


def record(kind: RecordKind, status: int, reason: str | None = None) -> Record:
    return Record(7, kind, post(b"{}"), status, reason, AuthOutcome.NOT_ASKED, None)


def test_every_question_is_open_where_the_org_says_nothing() -> None:
    """A refusal is passed on as the evidence, and answers nothing."""
    where = path(DENIED, DENIED, DENIED)
    for question in ("logged", "subscribed", "delivery_failed", "tunnel"):
        answer = found(where, question)
        assert (answer.answer, answer.evidence) == ("unknown", "no permission")
    assert found(where, "meant_for_hook").answer == "unknown"


def test_an_event_that_is_not_logged_yet() -> None:
    """No, for now."""
    assert found(path((hook(),), None), "logged").answer == "no"
    assert found(path((hook(),), entry()), "logged").answer == "yes"


@pytest.mark.parametrize(
    ("where", "remedy"),
    [
        (path(()), f"register --event {CREATE}"),
        (path((hook(verification="UNVERIFIED"),)), "hooks verify whoMine"),
        (path((hook(status="INACTIVE"),)), "hooks activate whoMine"),
        (path((hook(events=()),)), f"hooks edit whoMine --add-event {CREATE}"),
        (
            path((hook("whoA", "https://a.example"), hook("whoMine", events=()))),
            f"hooks edit whoMine --add-event {CREATE}",
        ),
        (
            path((hook("a", "https://a.x", events=()), hook("b", "https://b.x", events=()))),
            f"register --event {CREATE}",
        ),
        (path((hook(),)), None),
    ],
)
def test_what_a_hook_lacks_is_a_command(where: EventPath, remedy: str | None) -> None:
    """The hook that leads here is fixed, and nobody else's."""
    assert found(where, "subscribed").remedy == remedy


def test_what_the_hook_of_okhook_up_lacks_is_added_to_it_field_25() -> None:
    """It changes its hook while it runs: no new start, which would lose its flags."""
    lacking = hook(events=("user.session.start",))
    answer = found(path((lacking,), entry(), running=UP), "subscribed")
    assert answer.remedy == f"hooks edit whoMine --add-event {CREATE}"
    assert "stop" not in answer.evidence


def test_a_sandbox_is_given_the_receivers_own_url() -> None:
    """An org of this machine needs no tunnel; a real one cannot do without."""
    assert found(path(()), "subscribed", is_here=True).remedy == (
        f"register --url {RECEIVER} --event {CREATE}"
    )
    tunnelled = path((), running=TUNNELLED)
    assert found(tunnelled, "subscribed", is_here=True).remedy == f"register --event {CREATE}"


def test_a_filter_that_says_no_is_named() -> None:
    """With its expression, and the command that takes it away."""
    answer = found(path((hook(filter_=SAYS_NO),), entry()), "meant_for_hook")
    assert answer.answer == "no"
    assert answer.evidence == (f"the filter of name of whoMine (whoMine) rejects it: {SAYS_NO}")
    assert answer.remedy == f"hooks edit whoMine --remove-filter {CREATE}"


def test_a_scenario_is_subscribed_to_at_once() -> None:
    """The command has every event type that the hook lacks."""
    wanted = (CREATE, "user.lifecycle.suspend", "user.lifecycle.activate")
    where = path((hook(events=("user.lifecycle.suspend",)),))
    answer = found(where, "subscribed", wanted=wanted)
    assert answer.remedy == (
        f"hooks edit whoMine --add-event {CREATE} --add-event user.lifecycle.activate"
    )


def test_whom_the_event_was_meant_for() -> None:
    """The entry names the hooks; where it names none and none receives it, that is a no."""
    ours = path((hook("a"), hook("b")), entry(hook_ids="a,b"))
    assert found(ours, "meant_for_hook") == Finding(
        "meant_for_hook", "did Okta select a hook for it?", "yes", "for a, b"
    )
    theirs = found(path((hook(),), entry(hook_ids="whoTheirs")), "meant_for_hook")
    assert (theirs.answer, theirs.evidence) == ("no", "only for whoTheirs")
    assert found(path((hook(),), entry(hook_ids="")), "meant_for_hook").answer == "no"
    assert found(path((), entry()), "meant_for_hook").answer == "no"
    assert found(path((hook(),), entry()), "meant_for_hook").answer == "unknown"


def test_a_failure_is_told_with_its_reason() -> None:
    """That of a hook that matters here alone."""
    where = path((hook(),), entry(), (failure("whoTheirs"), failure(reason="timed out")))
    answer = found(where, "delivery_failed")
    assert answer.answer == "yes"
    assert answer.evidence == "timed out at 2026-11-24T12:00:00.000Z (whoMine)"


@pytest.mark.parametrize(
    ("hooks", "running", "answer", "remedy"),
    [
        ((hook(),), NO_TUNNEL, "yes", None),
        ((hook(url=WEBHOOK),), TUNNELLED, "yes", None),
        (
            (hook(url=OLD_TUNNEL),),
            TUNNELLED,
            "no",
            f"register --event {CREATE} --event {SUSPEND}",
        ),
        ((hook(url=OLD_TUNNEL),), NO_TUNNEL, "no", "okhook tunnel"),
        ((hook(url="https://hooks.example.com/"),), NO_TUNNEL, "unknown", None),
        ((), NO_TUNNEL, "no", None),
    ],
)
def test_the_way_from_the_hooks_url(
    hooks: tuple[()], running: RunningHere, answer: str, remedy: str | None
) -> None:
    """A tunnel here whose URL no hook calls is the usual cause, and told with what fixes it."""
    finding = found(path(hooks, running=running), "tunnel", wanted=(CREATE, SUSPEND))
    assert (finding.answer, finding.remedy) == (answer, remedy)


def test_hookdecks_own_record_is_pointed_at() -> None:
    """Nothing here knows what Hookdeck did, so its dashboard is named; else it is not spoken of."""
    where = path((hook(url=WEBHOOK),), running=TUNNELLED)
    assert found(where, "hookdeck").remedy == "https://dashboard.hookdeck.com/x"
    foreign = path((hook(url=OLD_TUNNEL),), running=NO_TUNNEL)
    assert found(foreign, "hookdeck").remedy == "https://dashboard.hookdeck.com/events"
    with pytest.raises(ValueError, match="not enough values"):
        found(path((hook(),)), "hookdeck")


def test_what_came_to_the_receiver() -> None:
    """A refused request is named by its number; a delivery of other events is no cause."""
    where = path((hook(),), entry())
    refused = record(RecordKind.REFUSED, 401, "wrong secret")
    answer = found(where, "received", records=(refused,))
    assert (answer.answer, answer.evidence) == ("yes", "#7 was answered 401, wrong secret")
    assert str(answer.remedy).endswith("\nhooks edit whoMine --auth-secret-file FILE")
    beside_up = path((hook(),), entry(), running=UP)
    anew = str(found(beside_up, "received", records=(refused,)).remedy)
    assert "restart okhook up" in anew
    assert "FILE" not in anew
    malformed = record(RecordKind.MALFORMED, 400, "not JSON")
    assert found(where, "received", records=(malformed,)).remedy is None
    others = found(where, "received", records=(record(RecordKind.DELIVERY, 204),))
    assert others.evidence == "1 delivery of other events"
    assert found(where, "received").answer == "no"
    gone = path((hook(),), running=RunningHere())
    assert "okhook up or okhook serve" in str(found(gone, "received").remedy)

"""How far it got: each question with an answer, its evidence, and what mends it."""

import shlex

import pytest

from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.trigger.activities import Finding
from okhook.trigger.around import Around
from okhook.trigger.how_far import Evidence, how_far
from okhook.trigger.outlook import NotTold
from okhook.trigger.situation import Situation
from tests.support.records import post
from tests.trigger.setup import (
    CREATE,
    NO_TUNNEL,
    RECEIVER,
    SAYS_NO,
    TUNNELLED,
    UP,
    UP_WITH_SANDBOX,
    WEBHOOK,
    entry,
    failure,
    hook,
    situation,
)

DENIED = NotTold("no permission")
SUSPEND = "user.lifecycle.suspend"
OLD_TUNNEL = "https://hkdk.events/of-yesterday"


def found(
    where: Situation,
    question: str,
    *,
    records: tuple[Record, ...] = (),
    wanted: tuple[str, ...] = (CREATE,),
    is_here: bool = False,
) -> Finding:
    evidence = Evidence(where, records, wanted, is_here)
    findings = how_far(evidence, lambda *words: shlex.join(words))
    [answer] = [finding for finding in findings if finding.question == question]
    return answer


def record(kind: RecordKind, status: int, reason: str | None = None) -> Record:
    return Record(7, kind, post(b"{}"), status, reason, AuthOutcome.NOT_ASKED, None)


def test_every_question_is_open_where_the_org_says_nothing() -> None:
    """A refusal is passed on as the evidence, and answers nothing."""
    where = situation(DENIED, DENIED, DENIED)
    for question in ("logged", "subscribed", "delivery_failed", "tunnel"):
        answer = found(where, question)
        assert (answer.answer, answer.evidence) == ("unknown", "no permission")
    assert found(where, "meant_for_hook").answer == "unknown"


def test_an_event_that_is_not_logged_yet() -> None:
    """No, for now."""
    assert found(situation((hook(),), None), "logged").answer == "no"
    assert found(situation((hook(),), entry()), "logged").answer == "yes"


@pytest.mark.parametrize(
    ("where", "mend"),
    [
        (situation(()), f"register --event {CREATE}"),
        (situation((hook(verification="UNVERIFIED"),)), "hooks verify whoMine"),
        (situation((hook(status="INACTIVE"),)), "hooks activate whoMine"),
        (situation((hook(events=()),)), f"hooks edit whoMine --add-event {CREATE}"),
        (
            situation((hook("whoA", "https://a.example"), hook("whoMine", events=()))),
            f"hooks edit whoMine --add-event {CREATE}",
        ),
        (
            situation((hook("a", "https://a.x", events=()), hook("b", "https://b.x", events=()))),
            f"register --event {CREATE}",
        ),
        (situation((hook(),)), None),
    ],
)
def test_what_a_hook_lacks_is_a_command(where: Situation, mend: str | None) -> None:
    """The hook that leads here is mended, and nobody else's."""
    assert found(where, "subscribed").mend == mend


@pytest.mark.parametrize(
    ("around", "mend"),
    [
        (UP, f"up --event user.session.start --event {CREATE}"),
        (UP_WITH_SANDBOX, f"okhook up --event user.session.start --event {CREATE} --sandbox"),
    ],
)
def test_what_the_hook_of_okhook_up_lacks_is_given_to_that(around: Around, mend: str) -> None:
    """It alone knows the hook's secret, and its next start would undo an edit."""
    lacking = hook(events=("user.session.start",))
    answer = found(situation((lacking,), entry(), around=around), "subscribed")
    assert answer.mend == mend
    assert "end okhook up, and start it so:" in answer.evidence


def test_a_sandbox_is_given_the_receivers_own_url() -> None:
    """An org of this machine needs no tunnel; a real one cannot do without."""
    assert found(situation(()), "subscribed", is_here=True).mend == (
        f"register --url {RECEIVER} --event {CREATE}"
    )
    tunnelled = situation((), around=TUNNELLED)
    assert found(tunnelled, "subscribed", is_here=True).mend == f"register --event {CREATE}"


def test_a_filter_that_says_no_is_named() -> None:
    """With its expression, and the command that takes it away."""
    answer = found(situation((hook(filter_=SAYS_NO),), entry()), "meant_for_hook")
    assert answer.answer == "no"
    assert answer.evidence == (
        f"the filter of name of whoMine (whoMine) does not let it pass: {SAYS_NO}"
    )
    assert answer.mend == f"hooks edit whoMine --remove-filter {CREATE}"


def test_a_scenario_is_subscribed_to_at_once() -> None:
    """The command has every event type that the hook lacks."""
    wanted = (CREATE, "user.lifecycle.suspend", "user.lifecycle.activate")
    where = situation((hook(events=("user.lifecycle.suspend",)),))
    answer = found(where, "subscribed", wanted=wanted)
    assert answer.mend == (
        f"hooks edit whoMine --add-event {CREATE} --add-event user.lifecycle.activate"
    )


def test_whom_the_event_was_meant_for() -> None:
    """The entry names the hooks; where it names none and none receives it, that is a no."""
    ours = situation((hook("a"), hook("b")), entry(hook_ids="a,b"))
    assert found(ours, "meant_for_hook") == Finding(
        "meant_for_hook", "meant for a hook?", "yes", "for a, b"
    )
    theirs = found(situation((hook(),), entry(hook_ids="whoTheirs")), "meant_for_hook")
    assert (theirs.answer, theirs.evidence) == ("no", "for whoTheirs alone")
    assert found(situation((hook(),), entry(hook_ids="")), "meant_for_hook").answer == "no"
    assert found(situation((), entry()), "meant_for_hook").answer == "no"
    assert found(situation((hook(),), entry()), "meant_for_hook").answer == "unknown"


def test_a_failure_is_told_with_its_reason() -> None:
    """That of a hook that matters here alone."""
    where = situation((hook(),), entry(), (failure("whoTheirs"), failure(reason="timed out")))
    answer = found(where, "delivery_failed")
    assert answer.answer == "yes"
    assert answer.evidence == "timed out at 2026-11-24T12:00:00.000Z (whoMine)"


@pytest.mark.parametrize(
    ("hooks", "around", "answer", "mend"),
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
    hooks: tuple[()], around: Around, answer: str, mend: str | None
) -> None:
    """A tunnel here whose URL no hook calls is the usual cause, and told with what mends it."""
    finding = found(situation(hooks, around=around), "tunnel", wanted=(CREATE, SUSPEND))
    assert (finding.answer, finding.mend) == (answer, mend)


def test_hookdecks_own_record_is_pointed_at() -> None:
    """Nothing here knows what Hookdeck did, so its dashboard is named; else it is not spoken of."""
    where = situation((hook(url=WEBHOOK),), around=TUNNELLED)
    assert found(where, "hookdeck").mend == "https://dashboard.hookdeck.com/x"
    foreign = situation((hook(url=OLD_TUNNEL),), around=NO_TUNNEL)
    assert found(foreign, "hookdeck").mend == "https://dashboard.hookdeck.com/events"
    with pytest.raises(ValueError, match="not enough values"):
        found(situation((hook(),)), "hookdeck")


def test_what_came_to_the_receiver() -> None:
    """A refused request is named by its number; a delivery of other events is no cause."""
    where = situation((hook(),), entry())
    refused = record(RecordKind.REFUSED, 401, "wrong secret")
    answer = found(where, "received", records=(refused,))
    assert (answer.answer, answer.evidence) == ("yes", "#7 was answered 401, wrong secret")
    assert str(answer.mend).endswith("\nhooks edit whoMine --auth-secret-file FILE")
    beside_up = situation((hook(),), entry(), around=UP)
    anew = str(found(beside_up, "received", records=(refused,)).mend)
    assert "end it and start it again" in anew
    assert "FILE" not in anew
    malformed = record(RecordKind.MALFORMED, 400, "not JSON")
    assert found(where, "received", records=(malformed,)).mend is None
    others = found(where, "received", records=(record(RecordKind.DELIVERY, 204),))
    assert others.evidence == "1 delivery, of other events"
    assert found(where, "received").answer == "no"
    gone = situation((hook(),), around=Around((), ()))
    assert "okhook up or okhook serve" in str(found(gone, "received").mend)

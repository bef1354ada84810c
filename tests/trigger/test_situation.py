"""When it is certain that an event will not come, and when it is not."""

import pytest

from okhook.trigger.outlook import NotTold
from okhook.trigger.situation import Situation
from tests.trigger.setup import (
    NO_TUNNEL,
    NOT_UNDERSTOOD,
    RECEIVER,
    SAYS_NO,
    WEBHOOK,
    entry,
    failure,
    hook,
    situation,
)

ELSEWHERE = "https://hooks.corp.example/okta"
THEIRS = hook("whoTheirs", ELSEWHERE)
DENIED = NotTold("no permission")


@pytest.mark.parametrize(
    ("where", "certain"),
    [
        (situation((), None), False),
        (situation((), entry()), True),
        (situation((hook(),), entry()), False),
        (situation((hook(verification="UNVERIFIED"),), entry()), True),
        (situation((hook(status="INACTIVE"),), entry()), True),
        (situation((hook(events=("user.session.start",)),), entry()), True),
        (situation((hook(),), entry(hook_ids="whoMine")), False),
        (situation((hook(),), entry(hook_ids="")), True),
        (situation((hook(),), entry(hook_ids="whoTheirs")), True),
        (situation((hook(verification="UNVERIFIED"), THEIRS), entry()), True),
        (situation((THEIRS,), entry(hook_ids="whoTheirs")), False),
        (situation(DENIED, entry()), False),
        (situation(DENIED, entry(hook_ids="whoMine")), False),
        (situation((hook(verification="UNVERIFIED"),), DENIED), False),
        (situation((hook(filter_=SAYS_NO),), entry()), True),
        (situation((hook(filter_="event.target.size() > 0"),), entry()), False),
        (situation((hook(filter_=NOT_UNDERSTOOD),), entry()), False),
        (situation((hook(filter_=SAYS_NO), hook("whoToo")), entry()), False),
        (situation((hook(filter_=SAYS_NO),), entry(hook_ids="whoMine")), False),
        (situation((hook(filter_=SAYS_NO),), None), False),
    ],
)
def test_an_event_is_for_nobody_where_that_is_certain(where: Situation, certain: bool) -> None:
    """It takes the event's entry, and no hook that delivers it here; what is not told, is open.

    A filter counts where it is understood and the org does not name the hooks itself.
    """
    assert where.is_for_nobody is certain


@pytest.mark.parametrize(
    ("where", "failed"),
    [
        (situation((hook(),), entry()), False),
        (situation((hook(),), entry(), (failure(),)), True),
        (situation((hook(),), None, (failure(),)), True),
        (situation((hook(), THEIRS), entry(), (failure("whoTheirs"),)), False),
        (situation((hook(), hook("whoToo")), entry(), (failure(),)), False),
        (situation((THEIRS,), entry(hook_ids="whoTheirs"), (failure("whoTheirs"),)), True),
        (situation((hook(),), entry(), DENIED), False),
        (situation((), entry(), (failure(),)), False),
    ],
)
def test_an_event_has_failed_where_each_hook_that_matters_has(
    where: Situation, failed: bool
) -> None:
    """One of several hooks may still deliver it; a colleague's failing hook says nothing."""
    assert where.has_failed is failed


@pytest.mark.parametrize(
    "url", [RECEIVER, RECEIVER + "/", RECEIVER.replace("127.0.0.1", "localhost")]
)
def test_a_hook_of_ours_calls_the_receiver_however_it_is_spelled(url: str) -> None:
    """This machine has several names."""
    mine = hook(url=url)
    assert situation((THEIRS, mine), around=NO_TUNNEL).ours == (mine,)
    assert situation((hook(url=WEBHOOK),), around=NO_TUNNEL).ours == ()

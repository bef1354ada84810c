"""When it is certain that an event will not come, and when it is not."""

import pytest

from okhook.trigger.event_path import EventPath, NoAnswer
from tests.trigger.setup import (
    NO_TUNNEL,
    NOT_UNDERSTOOD,
    RECEIVER,
    SAYS_NO,
    WEBHOOK,
    entry,
    failure,
    hook,
    path,
)

ELSEWHERE = "https://hooks.corp.example/okta"
THEIRS = hook("whoTheirs", ELSEWHERE)
DENIED = NoAnswer("no permission")


@pytest.mark.parametrize(
    ("where", "certain"),
    [
        (path((), None), False),
        (path((), entry()), True),
        (path((hook(),), entry()), False),
        (path((hook(verification="UNVERIFIED"),), entry()), True),
        (path((hook(status="INACTIVE"),), entry()), True),
        (path((hook(events=("user.session.start",)),), entry()), True),
        (path((hook(),), entry(hook_ids="whoMine")), False),
        (path((hook(),), entry(hook_ids="")), True),
        (path((hook(),), entry(hook_ids="whoTheirs")), True),
        (path((hook(verification="UNVERIFIED"), THEIRS), entry()), True),
        (path((THEIRS,), entry(hook_ids="whoTheirs")), False),
        (path(DENIED, entry()), False),
        (path(DENIED, entry(hook_ids="whoMine")), False),
        (path((hook(verification="UNVERIFIED"),), DENIED), False),
        (path((hook(filter_=SAYS_NO),), entry()), True),
        (path((hook(filter_="event.target.size() > 0"),), entry()), False),
        (path((hook(filter_=NOT_UNDERSTOOD),), entry()), False),
        (path((hook(filter_=SAYS_NO), hook("whoToo")), entry()), False),
        (path((hook(filter_=SAYS_NO),), entry(hook_ids="whoMine")), False),
        (path((hook(filter_=SAYS_NO),), None), False),
    ],
)
def test_an_event_is_for_nobody_where_that_is_certain(where: EventPath, certain: bool) -> None:
    """It takes the event's entry, and no hook that delivers it here; what is not told, is open.

    A filter counts where it is understood and the org does not name the hooks itself.
    """
    assert where.is_for_nobody is certain


@pytest.mark.parametrize(
    ("where", "failed"),
    [
        (path((hook(),), entry()), False),
        (path((hook(),), entry(), (failure(),)), True),
        (path((hook(),), None, (failure(),)), True),
        (path((hook(), THEIRS), entry(), (failure("whoTheirs"),)), False),
        (path((hook(), hook("whoToo")), entry(), (failure(),)), False),
        (path((THEIRS,), entry(hook_ids="whoTheirs"), (failure("whoTheirs"),)), True),
        (path((hook(),), entry(), DENIED), False),
        (path((), entry(), (failure(),)), False),
    ],
)
def test_an_event_has_failed_where_each_hook_that_matters_has(
    where: EventPath, failed: bool
) -> None:
    """One of several hooks may still deliver it; a colleague's failing hook says nothing."""
    assert where.has_failed is failed


@pytest.mark.parametrize(
    "url", [RECEIVER, RECEIVER + "/", RECEIVER.replace("127.0.0.1", "localhost")]
)
def test_a_hook_of_ours_calls_the_receiver_however_it_is_spelled(url: str) -> None:
    """This machine has several names."""
    mine = hook(url=url)
    assert path((THEIRS, mine), running=NO_TUNNEL).ours == (mine,)
    assert path((hook(url=WEBHOOK),), running=NO_TUNNEL).ours == ()

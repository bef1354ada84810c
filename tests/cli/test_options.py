"""Filter flags become a filter, or an error that names the wrong one."""

from datetime import timedelta

import pytest

from okhook.cli.record_options import FilterFlags, ListFilterFlags, record_filter
from okhook.cli.remedies import words_of
from okhook.errors import InvalidInput
from okhook.records.record import RecordFilter, RecordStatus
from tests.support.records import NOON


def test_no_flags_give_the_empty_filter() -> None:
    """It matches every delivery."""
    assert record_filter(FilterFlags(), now=NOON) == RecordFilter()


def test_every_flag_sets_a_field_of_the_filter() -> None:
    """An age counts back from now; repeated options keep their order."""
    flags = ListFilterFlags(
        events=["user.lifecycle.*", "group.profile.update"],
        user="jane.doe@example.com",
        since="2h",
        until="now",
        statuses=[RecordStatus.FAILED, RecordStatus.STORED],
        everything=True,
    )
    assert record_filter(flags, now=NOON, words=["Jane Doe"]) == RecordFilter(
        events=("user.lifecycle.*", "group.profile.update"),
        user="jane.doe@example.com",
        words=("Jane Doe",),
        since=NOON - timedelta(hours=2),
        until=NOON,
        statuses=frozenset({RecordStatus.FAILED, RecordStatus.STORED}),
        everything=True,
    )


def test_since_and_until_the_same_day_select_that_day() -> None:
    """`--until` with a date includes the whole day."""
    wanted = record_filter(FilterFlags(since="2026-11-24", until="2026-11-24"), now=NOON)
    assert wanted.since is not None
    assert wanted.until is not None
    assert timedelta(hours=22) < wanted.until - wanted.since <= timedelta(hours=26)


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (FilterFlags(since="yesterday"), "--since value 'yesterday'"),
        (FilterFlags(until="2x"), "--until value '2x'"),
        (FilterFlags(since="1h", until="2h"), "--since 1h is after --until 2h"),
        (FilterFlags(user="jane\udcff"), "--user is not UTF-8"),
        (FilterFlags(events=["a.b", "\udcff"]), "--event is not UTF-8"),
    ],
)
def test_an_invalid_flag_is_refused(flags: FilterFlags, named: str) -> None:
    """The error names the option and its value."""
    with pytest.raises(InvalidInput) as refused:
        record_filter(flags, now=NOON)
    assert named in refused.value.what


def test_words_that_are_not_utf8_are_refused() -> None:
    """A terminal with another encoding can send such bytes."""
    with pytest.raises(InvalidInput, match="TEXT is not UTF-8"):
        record_filter(FilterFlags(), now=NOON, words=["J\udce4nner"])


def test_flags_are_printed_as_options() -> None:
    """The command for the next page repeats them."""
    flags = ListFilterFlags(
        ["user.*", "a.b"], "jane", "2h", None, [RecordStatus.FAILED], everything=True
    )
    assert words_of(flags) == [
        *("--event", "user.*", "--event", "a.b", "--user", "jane", "--since", "2h"),
        *("--status", "failed", "--all"),
    ]
    assert words_of(FilterFlags()) == []

"""Records and attempts of every kind, with any bytes in them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from okhook.records.attempt import Attempt, Purpose
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.wire.delivery import InboundRequest

moments = st.integers(min_value=0, max_value=10**15).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
headers = st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=4).map(tuple)
bodies = st.binary(max_size=60) | st.text(max_size=30).map(str.encode)

requests = st.builds(
    InboundRequest,
    method=st.text(max_size=8),
    path=st.text(max_size=20),
    headers=headers,
    body=bodies,
    received_at=moments,
)
records = st.builds(
    Record,
    seq=st.integers(min_value=1),
    kind=st.sampled_from(RecordKind),
    request=requests,
    status=st.integers(min_value=100, max_value=599),
    reason=st.none() | st.text(max_size=20),
    auth=st.sampled_from(AuthOutcome),
    duplicate_of=st.none() | st.integers(min_value=1),
)
attempts = st.builds(
    Attempt,
    seq=st.integers(min_value=1),
    target=st.text(max_size=20),
    purpose=st.sampled_from(Purpose),
    number=st.integers(min_value=1, max_value=9),
    began_at=moments,
    duration_s=st.floats(min_value=0, max_value=1e6),
    status=st.none() | st.integers(min_value=100, max_value=599),
    answer=bodies,
)

"""An exported line holds a record whole, and attempts with what was answered."""

import errno
import io
from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from okhook.errors import InvalidInput
from okhook.export.format import exported, read_export
from okhook.records.attempt import Attempt, Purpose
from okhook.records.record import AuthOutcome, Record, RecordKind
from tests.support.records import NOON, post

RECORD = Record(
    seq=41,
    kind=RecordKind.DELIVERY,
    request=post(b'{"a": "\xc3\xa9"}', (b"x-a", b"\xe9"), (b"authorization", b"[hidden]")),
    status=204,
    reason=None,
    auth=AuthOutcome.MATCHED,
    duplicate_of=7,
)
ATTEMPT = Attempt(
    seq=41,
    target="http://127.0.0.1:3000/hook",
    purpose=Purpose.FORWARD,
    number=1,
    began_at=NOON + timedelta(seconds=1),
    duration_s=0.0123456,
    status=500,
    answer=b"\xff",
    answer_type="text/plain",
)


def test_a_record_is_one_object() -> None:
    """Microseconds, headers as pairs, the body as the text that it is, each attempt."""
    assert exported(RECORD, [ATTEMPT]) == snapshot(
        {
            "type": "exported",
            "format": 1,
            "seq": 41,
            "kind": "delivery",
            "received_at": "2026-11-24T12:00:00.123456Z",
            "method": "POST",
            "path": "/okta-webhooks-endpoint",
            "headers": [["x-a", "é"], ["authorization", "[hidden]"]],
            "body": '{"a": "é"}',
            "status": 204,
            "reason": None,
            "auth": "matched",
            "duplicate_of": 7,
            "attempts": [
                {
                    "target": "http://127.0.0.1:3000/hook",
                    "purpose": "forward",
                    "number": 1,
                    "began_at": "2026-11-24T12:00:01.123456Z",
                    "duration_ms": 12.346,
                    "status": 500,
                    "fault": None,
                    "reason": None,
                    "answer_type": "text/plain",
                    "answer_base64": "/w==",
                }
            ],
        }
    )


def test_bytes_that_are_not_utf8_are_base64() -> None:
    """In a member with its own name."""
    line = exported(
        Record(1, RecordKind.MALFORMED, post(b"\xff{"), 400, "bad", AuthOutcome.NOT_ASKED, None)
    )
    assert "body" not in line
    assert line["body_base64"] == "/3s="


class _Unreadable(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise OSError(errno.EIO, "Input/output error")


def test_a_file_that_fails_while_it_is_read_is_named_field_10() -> None:
    """A disk or a network share can fail after the file was opened."""
    with pytest.raises(InvalidInput, match=r"could not read all\.jsonl") as caught:
        list(read_export(io.BufferedReader(_Unreadable()), "all.jsonl"))
    assert caught.value.why == "Input/output error"

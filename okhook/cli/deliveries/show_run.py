"""Show one record: in words, as its bytes, or as a command that repeats it."""

import shlex
import sys

from okhook.cli.context import Context
from okhook.cli.deliveries.shared import looking_back
from okhook.cli.deliveries.show_view import render_one_record
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.records.activities import RecordShown
from okhook.records.record import SEQ_NAME, Found
from okhook.store.contract import Reader
from okhook.text import plain_lines


def show_in_full(ctx: Context, named: str) -> None:
    """Show all that is known of a record.

    Raises:
        AnswerIsNo: there is no such record.

    """
    with looking_back(ctx) as reader:
        found = _found(ctx, reader, named)
        seq = found.record.seq
        repeats = [each.record.seq for each in reader.repeats(seq)]
        shown = RecordShown(found, reader.attempts(seq), repeats)
    ctx.console.show(shown, render_one_record)


def show_raw(ctx: Context, named: str) -> None:
    """Write a record's body, byte for byte.

    Raises:
        AnswerIsNo: there is no such record.
        InvalidInput: the bytes would steer the terminal that they would go to.

    """
    with looking_back(ctx) as reader:
        body = _found(ctx, reader, named).record.request.body
    if sys.stdout.isatty() and not _is_harmless(body):
        raise InvalidInput(
            "the body holds bytes that would steer this terminal",
            next_step=f"okhook deliveries show {shlex.quote(named)} --raw > FILE",
        )
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def show_as_curl(ctx: Context, named: str) -> None:
    """Write the command that repeats a request: to ``--to``, else to an app that it was sent to.

    Raises:
        AnswerIsNo: there is no such record.
        InvalidInput: ``--to`` is no URL.

    """
    from okhook.cli.send_sample.payload import recipient_of
    from okhook.records.curl import curl_command

    to = ctx.settings.to
    with looking_back(ctx) as reader:
        found = _found(ctx, reader, named)
        tried = [attempt.target for attempt in reader.attempts(found.record.seq)]
    asked = to is not None and to.from_flag
    url = tried[-1] if tried and not asked else recipient_of(ctx).url
    command = curl_command(found.record.request, url)
    if ctx.console.is_json:
        ctx.console.write_json({"type": "curl", SEQ_NAME: found.record.seq, "command": command})
        return
    sys.stdout.write(f"{command}\n")


def _found(ctx: Context, reader: Reader, named: str) -> Found:
    """Return the record that is named; of a delivery and its duplicates, the delivery."""
    found = reader.identified(named)
    if not found:
        raise AnswerIsNo(
            f"there is no record {named}",
            next_step="`okhook deliveries list` shows what there is",
        )
    first = next((each for each in found if each.record.duplicate_of is None), found[0])
    others = [
        str(each.record.seq)
        for each in found
        if each is not first and each.record.duplicate_of != first.record.seq
    ]
    if others:
        ctx.console.note(f"{named} is in other deliveries, too: {', '.join(others)}")
    return first


def _is_harmless(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return plain_lines(text) == text.replace("\t", " ").split("\n")

"""Show one delivery: all that is known of it, its body, or a curl command."""

import shlex
import sys

from okhook.cli.context import Context
from okhook.cli.deliveries.view import record_in_full
from okhook.cli.store_reader import opened_reader, records_named
from okhook.errors import InvalidInput
from okhook.records.activities import CurlWritten, RecordShown
from okhook.records.record import Found, Record
from okhook.store.contract import Reader
from okhook.text import plain_lines
from okhook.wire.target_url import gets_okta_bytes


def show_one(ctx: Context, named: str, *, raw: bool, curl: bool, web: bool) -> None:
    """Show a delivery: its body, a curl command, in the browser, or all that is known of it."""
    with opened_reader(ctx) as reader:
        found = _found(ctx, reader, named)
        seq = found.record.seq
        attempts = reader.attempts(seq)
        repeats = [each.record.seq for each in reader.repeats(seq)]
    if web:
        from okhook.cli.inspect.run import inspect_and_show

        inspect_and_show(ctx, open_=True, seq=seq)
    elif raw:
        _write_body(named, found.record.request.body)
    elif curl:
        _write_curl(ctx, found.record, [attempt.target for attempt in attempts])
    else:
        ctx.console.show(RecordShown(found, attempts, repeats), record_in_full)


def _found(ctx: Context, reader: Reader, named: str) -> Found:
    """Return the record of an id; of a delivery and its duplicates, the first."""
    found = records_named(reader, named)
    first = next((each for each in found if not each.record.is_duplicate), found[0])
    others = [
        str(each.record.seq)
        for each in found
        if each is not first and each.record.duplicate_of != first.record.seq
    ]
    if others:
        ctx.console.note(f"{named} is also in: {', '.join(others)}")
    return first


def _write_body(named: str, body: bytes) -> None:
    if sys.stdout.isatty() and not _is_harmless(body):
        raise InvalidInput(
            "the body has control characters, which are not safe on a terminal",
            next_step=f"okhook deliveries show {shlex.quote(named)} --raw > body.bin",
        )
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def _is_harmless(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return plain_lines(text) == text.replace("\t", " ").split("\n")


def _write_curl(ctx: Context, record: Record, tried: list[str]) -> None:
    """Write a curl command for ``--to``, else for the last app, else for the receiver.

    It sends what Okta sent, so streams and apps that get CloudEvents do not count.
    """
    from okhook.cli.send_sample.recipient import recipient_of
    from okhook.records.curl import curl_command

    to = ctx.settings.to
    asked = to is not None and to.from_flag
    apps = list(filter(gets_okta_bytes, tried))
    url = apps[-1] if apps and not asked else recipient_of(ctx).url
    command_line = curl_command(record.request, url)
    if ctx.console.is_json:
        ctx.console.write_json(CurlWritten(record, command_line).to_json())
        return
    sys.stdout.write(f"{command_line}\n")

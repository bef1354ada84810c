"""``okhook deliveries show``: show one delivery in full."""

import shlex
import sys
from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command, flag
from okhook.cli.context import Context
from okhook.cli.options import STORE
from okhook.cli.record_options import IdArgument
from okhook.config.setting import Flag
from okhook.errors import InvalidInput

if TYPE_CHECKING:
    from okhook.records.record import Found, Record
    from okhook.store.contract import Reader


@command(
    "raw",
    "curl",
    "web",
    flag(
        "to",
        help="With --curl: URL that the command sends it to",
        shown_default="your app, or else the receiver",
    ),
    STORE,
)
def show(
    ctx: Context,
    record: IdArgument,
    raw: Annotated[bool, Flag("Print only the body, byte for byte")] = False,
    curl: Annotated[bool, Flag("Print a curl command that repeats the request")] = False,
    web: Annotated[bool, Flag("Open it in the inspector, in your browser")] = False,
) -> None:
    """Show one delivery in full, with every forward attempt.

    okhook deliveries show 42 --curl             # a command that repeats it
    okhook deliveries show 42 --web              # in the browser
    okhook deliveries show 42 --raw > body.json  # the body as received
    """
    from okhook.cli.deliveries.shared import looking_back
    from okhook.cli.deliveries.show_view import render_one_record
    from okhook.records.activities import RecordShown

    to = ctx.settings.to
    if raw + curl + web > 1:
        raise InvalidInput(
            "--raw, --curl and --web cannot be used together", next_step="choose one of them"
        )
    if to is not None and to.from_flag and not curl:
        raise InvalidInput(
            "--to needs --curl",
            next_step="add --curl, or send it with okhook replay",
        )
    with looking_back(ctx) as reader:
        found = _found(ctx, reader, record)
        seq = found.record.seq
        attempts = reader.attempts(seq)
        repeats = [each.record.seq for each in reader.repeats(seq)]
    if web:
        from okhook.cli.inspect.run import inspect_and_show

        inspect_and_show(ctx, open_=True, seq=seq)
    elif raw:
        _write_body(record, found.record.request.body)
    elif curl:
        _write_curl(ctx, found.record, [attempt.target for attempt in attempts])
    else:
        ctx.console.show(RecordShown(found, attempts, repeats), render_one_record)


def _found(ctx: Context, reader: "Reader", named: str) -> "Found":
    """Return the record of an id; of a delivery and its duplicates, the first."""
    from okhook.cli.deliveries.shared import records_named

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
    from okhook.text import plain_lines

    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return plain_lines(text) == text.replace("\t", " ").split("\n")


def _write_curl(ctx: Context, record: "Record", tried: list[str]) -> None:
    """Write a curl command for ``--to``, else for the last app, else for the receiver.

    It sends what Okta sent, so streams and apps that get CloudEvents do not count.
    """
    from okhook.cli.send_sample.payload import recipient_of
    from okhook.records.activities import CurlWritten
    from okhook.records.curl import curl_command
    from okhook.wire.target_url import gets_okta_bytes

    to = ctx.settings.to
    asked = to is not None and to.from_flag
    apps = list(filter(gets_okta_bytes, tried))
    url = apps[-1] if apps and not asked else recipient_of(ctx).url
    command_line = curl_command(record.request, url)
    if ctx.console.is_json:
        ctx.console.write_json(CurlWritten(record, command_line).to_json())
        return
    sys.stdout.write(f"{command_line}\n")

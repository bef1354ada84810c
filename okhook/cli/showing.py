"""Show one record: in words, as its bytes, or as a command that repeats it."""

import shlex
import sys

from okhook.cli.looking_back import looking_back
from okhook.cli.render.one_record import render_one_record
from okhook.cli.start import Start
from okhook.display import plain_lines
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.look_back import RecordShown
from okhook.record import Found
from okhook.store.reading import StoreReader


def show_in_full(begun: Start, named: str) -> None:
    """Show all that is known of a record.

    Raises:
        AnswerIsNo: there is no such record.

    """
    with looking_back(begun) as reader:
        found = _found(begun, reader, named)
        seq = found.record.seq
        repeats = [each.record.seq for each in reader.repeats(seq)]
        shown = RecordShown(found, reader.attempts(seq), repeats)
    begun.console.show(shown, render_one_record)


def show_raw(begun: Start, named: str) -> None:
    """Write a record's body, byte for byte.

    Raises:
        AnswerIsNo: there is no such record.
        InvalidInput: the bytes would steer the terminal that they would go to.

    """
    with looking_back(begun) as reader:
        body = _found(begun, reader, named).record.request.body
    if sys.stdout.isatty() and not _is_harmless(body):
        raise InvalidInput(
            "the body holds bytes that would steer this terminal",
            next_step=f"okhook deliveries show {shlex.quote(named)} --raw > FILE",
        )
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def show_as_curl(begun: Start, named: str) -> None:
    """Write the command that repeats a request: to ``--to``, else to an app that it was sent to.

    Raises:
        AnswerIsNo: there is no such record.
        InvalidInput: ``--to`` is no URL.

    """
    from okhook.cli.sample_options import recipient_of
    from okhook.curl import curl_command

    to = begun.settings.text("to")
    with looking_back(begun) as reader:
        found = _found(begun, reader, named)
        tried = [attempt.target for attempt in reader.attempts(found.record.seq)]
    asked = to is not None and to.from_flag
    url = tried[-1] if tried and not asked else recipient_of(begun).url
    command = curl_command(found.record.request, url)
    if begun.console.is_json:
        begun.console.write_json({"type": "curl", "id": found.record.seq, "command": command})
        return
    sys.stdout.write(f"{command}\n")


def _found(begun: Start, reader: StoreReader, named: str) -> Found:
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
        begun.console.note(f"{named} is in other deliveries, too: {', '.join(others)}")
    return first


def _is_harmless(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return plain_lines(text) == text.replace("\t", " ").split("\n")

"""``okhook deliveries list`` and ``search`` as processes: pages, filters, and every outcome."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import okhook
from tests.cli.history import (
    CANARY,
    CREATED,
    FAILED,
    MALFORMED,
    PENDING,
    REFUSED,
    REPEATED,
    VERIFICATION,
    fill_store,
)
from tests.support.in_process import run_okhook
from tests.support.okhook_process import environment
from tests.support.receiver import receiver


def listed(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return the records that a command lists."""
    done = run_okhook("deliveries", *arguments, "--output", "json", home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    return [json.loads(line) for line in done.stdout.splitlines()]


def ids(home: Path, *arguments: str) -> list[int]:
    return [line["seq"] for line in listed(home, *arguments)]


def test_a_list_of_one_receiver_field_03(tmp_path: Path) -> None:
    """By its name, in list, search and export; a wrong name gets the right ones."""
    for name in ("one", "two"):
        with receiver(home=tmp_path, name=name):
            assert run_okhook("send-sample", home=tmp_path).returncode == 0
    one, two = listed(tmp_path, "list", "--receiver", "one"), listed(tmp_path, "list")
    assert [(line["seq"], line["receiver"]) for line in one] == [(1, "one")]
    assert [line["receiver"] for line in two] == ["two", "one"]
    assert ids(tmp_path, "search", "jane", "--receiver", "two") == [2]
    exported = run_okhook("deliveries", "export", "--receiver", "two", home=tmp_path).stdout
    assert [json.loads(line)["seq"] for line in exported.splitlines()] == [2]
    wrong = run_okhook("deliveries", "list", "--receiver", "three", home=tmp_path)
    assert "the receivers are: one, two" in wrong.stderr
    shown = run_okhook("deliveries", "show", "1", home=tmp_path).stdout
    assert "  receiver  one\n" in shown


def test_a_receiver_is_named_by_its_port_or_its_beginning(tmp_path: Path) -> None:
    """As `okhook down` takes it; a beginning that several have is an error that lists them."""
    for name in ("5301/okta", "5302/okta", "53/okta"):
        with receiver(home=tmp_path, name=name):
            assert run_okhook("send-sample", home=tmp_path).returncode == 0

    def selected(name: str) -> list[list[int]]:
        found = [ids(tmp_path, command, *words, "--receiver", name)
                 for command, *words in (("list",), ("search", "jane"))]  # fmt: skip
        done = run_okhook("deliveries", "export", "--receiver", name, home=tmp_path)
        return [*found, [json.loads(line)["seq"] for line in done.stdout.splitlines()]]

    assert selected("5301") == selected("5301/") == [[1]] * 3
    assert selected("53") == [[3]] * 3
    several = run_okhook("deliveries", "list", "--receiver", "530", home=tmp_path)
    assert several.returncode == 2
    assert "several receivers match --receiver 530\n  5301/okta\n  5302/okta" in several.stderr
    with receiver(home=tmp_path, name="own") as running:
        assert run_okhook("send-sample", home=tmp_path).returncode == 0
        assert selected(str(urlsplit(running.url).port)) == [[4]] * 3


def test_a_json_list_has_every_field_newest_first(looked_back_at: Path) -> None:
    """Each record is a line; canaries and verifications are not listed."""
    lines = listed(looked_back_at, "list")
    assert [line["seq"] for line in lines] == [
        PENDING,
        REFUSED,
        MALFORMED,
        FAILED,
        REPEATED,
        CREATED,
    ]
    assert {line["type"] for line in lines} == {"record"}
    statuses = {line["seq"]: line["status"] for line in lines}
    assert statuses == {
        PENDING: "stored", REFUSED: "refused", MALFORMED: "malformed", FAILED: "failed",
        REPEATED: "duplicate", CREATED: "forwarded",
    }  # fmt: skip
    assert lines[-2]["duplicate_of"] == CREATED
    assert lines[3]["forwards"][0]["attempts"] == 2


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--all"], [8, 7, 6, 5, 4, 3, 2, 1]),
        (["--event", "user.*"], [PENDING, REPEATED, CREATED]),
        (["--event", "group.user_membership.add", "--event", "a.b"], [FAILED]),
        (["--user", "JANE.DOE@hookdeckexample.com"], [PENDING, FAILED, REPEATED, CREATED]),
        (["--user", "00uadmin", "--status", "failed", "--status", "forwarded"], [FAILED, CREATED]),
        (["--since", "2026-11-24T12:04:00Z", "--until", "2026-11-24T12:04:30Z"], [MALFORMED]),
        (["--since", "0s"], []),
        (["--limit", "2", "--before", "5"], [MALFORMED, FAILED]),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(
    looked_back_at: Path, flags: list[str], expected: list[int]
) -> None:
    """A record must match all of them."""
    assert ids(looked_back_at, "list", *flags) == expected


def test_the_printed_command_shows_the_next_page(looked_back_at: Path) -> None:
    """The last page prints no command."""
    command = ["okhook", "deliveries", "list", "--event", "user.*", "--limit", "2"]
    seen: list[str] = []
    while command:
        done = run_okhook(*command[1:], home=looked_back_at)
        seen += [line.split()[0] for line in done.stdout.splitlines()]
        more = [line for line in done.stderr.splitlines() if line.startswith("more: ")]
        command = shlex.split(more[0].removeprefix("more: ")) if more else []
    assert seen == [str(PENDING), str(REPEATED), str(CREATED)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["jane"], [PENDING, MALFORMED, FAILED, REPEATED, CREATED]),
        (["Ada Admin"], [PENDING, FAILED, REPEATED, CREATED]),
        (["Admin Ada"], []),
        (["ada", "uuid-3"], [FAILED]),
        (["hookdeck*"], [PENDING, FAILED, REPEATED, CREATED]),
        (["no-such-word"], []),
        (['"', "''"], []),
        (["--", "-jane-", "*"], []),
    ],
)
def test_a_search_finds_words_of_the_payload(
    looked_back_at: Path, words: list[str], expected: list[int]
) -> None:
    """Several must all be there, quoted ones in a row; strange ones break nothing."""
    assert ids(looked_back_at, "search", *words) == expected


def test_a_search_takes_filters_and_pages(looked_back_at: Path) -> None:
    """The options are those of `deliveries list`."""
    narrowed = ("--status", "malformed", "--status", "failed", "--limit", "1")
    done = run_okhook("deliveries", "search", *narrowed, "--", "jane", home=looked_back_at)
    assert done.stdout.split()[0] == str(MALFORMED)
    more = done.stderr.splitlines()[-1].removeprefix("more: ")
    assert more == f"okhook deliveries search {' '.join(narrowed)} --before {MALFORMED} jane"
    done = run_okhook(*shlex.split(more)[1:], home=looked_back_at)
    assert done.stdout.split()[0] == str(FAILED)


def test_text_output_has_one_line_per_record(looked_back_at: Path) -> None:
    """A payload with line breaks cannot forge a line."""
    done = run_okhook("deliveries", "list", "--all", home=looked_back_at)
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["8", "7", "6", "5", "4", "3", "2", "1"]
    shown = dict(
        zip(
            (CANARY, PENDING, VERIFICATION, REFUSED, MALFORMED, FAILED, REPEATED, CREATED),
            lines,
            strict=True,
        )
    )
    assert shown[CANARY].endswith("canary")
    assert "verification challenge answered" in shown[VERIFICATION]
    assert "Eve\\x1b[2J\\u202e[red]x[/red]\\n41  forged" in shown[PENDING]
    assert shown[REPEATED].endswith("= 1")
    assert shown[FAILED].endswith("2 attempts, last 500")
    assert shown[CREATED].endswith("  2 attempts")
    assert all(line.isprintable() for line in lines)


def test_an_empty_result_is_noted_on_stderr(looked_back_at: Path) -> None:
    """Stdout stays empty; --quiet omits the note."""
    asked = ("deliveries", "list", "--user", "nobody@example.com")
    done = run_okhook(*asked, home=looked_back_at)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no deliveries found\n")
    assert run_okhook(*asked, "--quiet", home=looked_back_at).stderr == ""


def test_a_part_of_a_login_gets_the_command_that_finds_it(looked_back_at: Path) -> None:
    """A filter compares whole logins and ids."""
    done = run_okhook("deliveries", "list", "--user", "jane", home=looked_back_at)
    assert done.stderr.splitlines() == [
        "no deliveries found",
        "--user takes a whole login or id; to search all payloads: okhook deliveries search jane",
    ]


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--since", "yesterday"], "invalid --since value 'yesterday'"),
        (["--since", "1h", "--until", "2h"], "is after --until"),
        (["--status", "lost"], "lost"),
        (["--limit", "0"], "limit"),
    ],
)
def test_invalid_options_are_refused(looked_back_at: Path, flags: list[str], named: str) -> None:
    """The error names the option."""
    done = run_okhook("deliveries", "list", *flags, home=looked_back_at)
    assert done.returncode == 2
    assert named in done.stderr


def test_without_a_store_the_commands_fail(tmp_path: Path) -> None:
    """The error explains how to create a store, and creates none."""
    for command in (["deliveries", "list"], ["deliveries", "tail"], ["trace", "x"]):
        done = run_okhook(*command, home=tmp_path)
        assert done.returncode == 9
        assert "okhook serve" in done.stderr
    assert not (tmp_path / "state" / "store.db").exists()


def test_a_shell_completes_ids(looked_back_at: Path, tmp_path: Path) -> None:
    """Ids come from the store; if there is no store, nothing is offered."""
    program = "import sys; sys.argv[0] = 'okhook'; from okhook.cli.app import main; main()"
    typed = {
        "_OKHOOK_COMPLETE": "complete_zsh",
        "_TYPER_COMPLETE_ARGS": "okhook deliveries show event-",
    }
    for home, offered in ((looked_back_at, ["event-7", "event-3", "event-1"]), (tmp_path, [])):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment(home, typed),
            capture_output=True,
            text=True,
            check=False,
        )
        assert re.findall(r"event-\d", done.stdout) == offered
        assert done.stderr == ""


def test_the_check_of_the_ci_page_sees_what_no_app_accepted_field_26(tmp_path: Path) -> None:
    """What is given up, and what still waits for an app that answers 500 or does not run."""
    fill_store(tmp_path)
    page = (Path(okhook.__file__).parent / "manual" / "ci.md").read_text(encoding="utf-8")
    [line] = [each.strip() for each in page.splitlines() if "(! grep .)" in each]
    command = shlex.split(line.partition(" | ")[0])
    listed = run_okhook(*command[1:], home=tmp_path).stdout.splitlines()
    assert {FAILED, PENDING} <= {json.loads(each)["seq"] for each in listed}
    assert "forwarded" not in {json.loads(each)["status"] for each in listed}

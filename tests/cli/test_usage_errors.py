"""What is said to a mistyped command line: the house's form, with the nearest valid word."""

import json
from pathlib import Path

import pytest

from tests.support.in_process import run_okhook

CASES = {
    "srve": "unknown command 'srve' → did you mean okhook serve?",
    "deliveries lst": "unknown command 'lst' → did you mean okhook deliveries list?",
    "prune": "unknown command 'prune' → did you mean okhook deliveries prune?",
    "export x": (
        "unknown command 'export' → did you mean okhook deliveries export or okhook hooks export?"
    ),
    "store prune": "unknown command 'prune' → did you mean okhook deliveries prune?",
    "hooks register": "unknown command 'register' → did you mean okhook register?",
    "completion bash": ("unknown command 'completion' → did you mean okhook --install-completion?"),
    "xyzzy": "unknown command 'xyzzy' → run okhook --help to list the commands",
    "--vesion": "unknown option --vesion → did you mean --version?",
    "serve --prot 1": "unknown option --prot → did you mean --port?",
    "hooks edit x --ad-event t": "unknown option --ad-event → did you mean --add-event?",
    "serve --wait 1s": "unknown option --wait → run okhook serve --help to list the options",
    "serve -x": "unknown option -x → run okhook serve --help to list the options",
    "serve --output jsn": (
        "invalid --output value 'jsn': expected text or json → did you mean json?"
    ),
    "tunnel --output ulr": (
        "invalid --output value 'ulr': expected text, json or url → did you mean url?"
    ),
    "deliveries list --status faild": (
        "invalid --status value 'faild': expected stored, duplicate, refused, malformed,"
        " forwarded or failed → did you mean failed?"
    ),
    "serve --port abc": "invalid --port value 'abc': expected a whole number from 0 to 65535",
    "deliveries list -n x": (
        "invalid --limit value 'x': expected a whole number from 1 to 100000"
        " → run okhook deliveries list --help"
    ),
    "send-sample --count 0": (
        "invalid --count value '0': expected a whole number of at least 1"
        " → run okhook send-sample --help"
    ),
    "hooks show": (
        "missing argument HOOK / The hook, by its id or name"
        " → for example: okhook hooks show my-hook"
    ),
    "deliveries prune": (
        "missing option --keep / What to keep: an age (30d), a number (10000) or a size (500MB)"
        " → for example: okhook deliveries prune --keep 30d --dry-run"
    ),
    "serve stray words": "unexpected argument: stray words → run okhook serve --help",
    "send-sample user.sesion.start": (
        "unexpected argument: user.sesion.start → did you mean --event user.session.start?"
    ),
    "send-sample body.json": ("unexpected argument: body.json → run okhook send-sample --help"),
    "serve --port": "--port needs a value → run okhook serve --help",
    "serve --verbose=1": "--verbose takes no value → run okhook serve --help",
    "--debug": "missing command → run okhook --help",
}


@pytest.mark.parametrize("words", CASES)
def test_a_mistyped_command_line(tmp_path: Path, words: str) -> None:
    """What is wrong, why, and what to do."""
    done = run_okhook(*words.split(), home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    what, *rest = [line.strip() for line in done.stderr.splitlines()]
    text = " ".join([what, *(each if each.startswith("→") else f"/ {each}" for each in rest)])
    assert text == f"error: {CASES[words]}"


@pytest.mark.parametrize("option", [("--output", "json"), ("--output=json",)])
def test_with_json_it_is_a_json_line(tmp_path: Path, option: tuple[str, ...]) -> None:
    """As any other error."""
    done = run_okhook("deliveries", "list", "--limt", "1", *option, home=tmp_path)
    assert done.returncode == 2
    assert json.loads(done.stdout) == {
        "type": "error",
        "exit_code": 2,
        "what": "unknown option --limt",
        "why": None,
        "next_step": "did you mean --limit?",
    }


def test_control_characters_are_not_repeated(tmp_path: Path) -> None:
    """A pasted word cannot steer the terminal."""
    for words in (["\x1b[31m"], ["serve", "--\x1b[31m"], ["serve", "--port", "\x1b[31m"]):
        done = run_okhook(*words, home=tmp_path)
        assert done.returncode == 2
        assert "\x1b" not in done.stderr

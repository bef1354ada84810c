"""``okhook deliveries tail`` as a process: it follows another one's receiver and misses nothing."""

import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

from tests.cli.history import fill_store
from tests.cli.keeping import keep
from tests.support.in_process import run_okhook
from tests.support.okhook_process import PATIENCE_S, environment, running_okhook
from tests.support.receiver import receiver
from tests.support.records import delivery_body, event
from tests.support.waiting import wait_until

TAIL = ("deliveries", "tail", "--output", "json")
SERVE = ("serve", "--port", "0", "--output", "json")


def test_a_tail_shows_the_last_records_and_each_new_one(tmp_path: Path) -> None:
    """Records that another process stores appear once each, in order."""
    fill_store(tmp_path)
    with running_okhook(*TAIL, "--lines", "3", home=tmp_path) as tail:
        tail.wait_for_json("record", lambda line: line["seq"] == 8)
        with running_okhook(*SERVE, home=tmp_path) as serve:
            url = serve.wait_for_json("ready")["url"]
            sent = run_okhook(
                "send-sample", "--to", url, "--count", "300", "--concurrency", "8", home=tmp_path
            )
            assert sent.returncode == 0
            tail.wait_for_json("record", lambda line: line["seq"] == 308)
        tail.send(signal.SIGINT)
        assert tail.wait() == 0
    lines = tail.json_lines()
    shown = [line["seq"] for line in lines[:-1]]
    assert len(shown) >= 303  # a slow machine has some of them sent again, as Okta would
    assert shown == list(range(6, shown[-1] + 1))
    assert lines[-1] == {"type": "stopped"}


def test_a_tail_of_one_receiver_field_03(tmp_path: Path) -> None:
    """It shows the last and the new records of that receiver, and no others."""
    with (
        receiver(home=tmp_path, name="one") as one,
        receiver(home=tmp_path, name="two") as two,
    ):
        for url in (one.url, two.url, one.url):
            run_okhook("send-sample", "--to", url, home=tmp_path)
        two.wait_for(2)
        one.wait_for(3)
        with running_okhook(*TAIL, "-n", "1", "--receiver", "one", home=tmp_path) as tail:
            tail.wait_for_json("record")
            for url in (two.url, one.url):
                run_okhook("send-sample", "--to", url, home=tmp_path)
            tail.wait_for_json("record", lambda line: line["seq"] == 5)
            assert [line["seq"] for line in tail.json_lines()] == [3, 5]


def test_a_new_duplicate_is_marked(tmp_path: Path) -> None:
    """A record is shown after it is known to be a duplicate or not."""
    fill_store(tmp_path)
    with (
        running_okhook(*TAIL, "--lines", "0", home=tmp_path) as tail,
        running_okhook(*SERVE, home=tmp_path) as serve,
    ):
        url = serve.wait_for_json("ready")["url"]
        tail.wait_for_error("Ctrl-C")
        run_okhook("send-sample", "--to", url, "--count", "8", "--duplicate", home=tmp_path)
        tail.wait_for_json("record", lambda line: line["seq"] == 24)
        repeated = [line["duplicate_of"] is not None for line in tail.json_lines()]
    assert len(repeated) == 16
    assert sum(repeated) == 8


def test_text_output_is_the_same_as_in_a_list(tmp_path: Path) -> None:
    """One line per record; Ctrl-C ends without an error."""
    fill_store(tmp_path)
    with running_okhook("deliveries", "tail", "--lines", "1", home=tmp_path) as tail:
        assert tail.wait_for_line(lambda _: True).split()[0] == "8"
        tail.send(signal.SIGINT)
        assert tail.wait() == 0
    assert tail.errors == ["press Ctrl-C to stop"]


def test_ctrl_c_ends_a_tail_with_a_full_pipe(tmp_path: Path) -> None:
    """It ends although its last write cannot finish."""
    fill_store(tmp_path)
    for _ in range(3):
        keep(tmp_path, delivery_body("x", *(event(f"uuid-{n}") for n in range(400))))
    reading, writing = os.pipe()
    tail = subprocess.Popen(
        [sys.executable, "-m", "okhook", *TAIL, "--lines", "100"],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    try:
        wait_until_full(reading)
        tail.send_signal(signal.SIGINT)
        assert tail.wait(PATIENCE_S) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            tail.kill()
        tail.communicate()
        os.close(reading)


def wait_until_full(reading: int) -> None:
    """Wait until nothing more fits into a pipe."""
    held = [-2, -1]

    def is_full() -> bool:
        held.append(struct.unpack("i", fcntl.ioctl(reading, termios.FIONREAD, b"\0" * 4))[0])
        return len(set(held[-20:])) == 1 and held[-1] > 32_768

    wait_until(is_full, lambda: f"only {held[-1]} bytes came")

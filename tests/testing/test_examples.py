"""Receivers in FastAPI, Flask and Django: those of the manual pass, and bad ones fail."""

import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import okhook.pytest_plugin
import okhook.testing.reporting  # once, and not anew in the run
from tests.testing.examples import FRAMEWORKS, PAGE, examples, recipes, write

pytest_plugins = ["pytester"]

PLUGIN = Path(okhook.pytest_plugin.__file__)


def test_the_page_has_all_examples() -> None:
    """A receiver in each framework, and a test of it."""
    found = {name: set(files) for name, files in examples().items()}
    assert all(found[name] == {"receiver.py", "test_receiver.py"} for name in FRAMEWORKS)
    assert found["express"] == {"receiver.js"}


def test_the_page_lists_the_fixtures() -> None:
    """All that the plugin has."""
    fixtures = re.findall(r"^def (okta_\w+)", PLUGIN.read_text(encoding="utf-8"), re.MULTILINE)
    text = PAGE.read_text(encoding="utf-8")
    assert len(fixtures) == 8
    assert not [name for name in fixtures if f"`{name}`" not in text]


def test_the_recipes_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they stand in the page, for a receiver that keeps every rule."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    found = recipes()
    for name, code in found.items():
        (pytester.path / name).write_text(code, encoding="utf-8")
    (pytester.path / "receiver.py").write_text(
        "from collections import Counter\n"
        "from tests.testing.apps import good_app\n"
        "processed = Counter()\n"
        "app = good_app(processed)\n",
        encoding="utf-8",
    )
    quick = [f"-pno:{name}" for name in ("hypothesispytest", "cacheprovider", "xdist", "timeout")]
    chosen = "test_case and challenge or not test_case"
    result = pytester.runpytest_inprocess(*quick, "-W", "error", "-k", chosen)
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] >= 13
    assert "failed" not in outcomes
    runpy.run_path(str(pytester.path / "script.py"))
    assert set(found) == {
        *("test_each_case.py", "test_deliveries.py", "test_org.py"),
        "script.py",
    }


@pytest.mark.frameworks
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_example_passes(name: str, tmp_path: Path) -> None:
    """As a user runs it."""
    need(name)
    write(name, tmp_path / "suite")
    run_suite(tmp_path / "suite")


@pytest.mark.frameworks
def test_a_django_app_works_in_the_transaction_of_a_test(tmp_path: Path) -> None:
    """Django closes connections at the end of a request, and its own test client prevents it."""
    need("django")
    shutil.copy(Path(__file__).with_name("django_suite.py"), tmp_path / "test_suite.py")
    run_suite(tmp_path)


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("fastapi", {"authentication-missing", "payload-target-null"}),
        ("flask", {"authentication-missing", "payload-target-null"}),
        ("django", {"transport-accepted"}),
    ],
)
def test_a_receiver_as_people_first_write_it_fails(name: str, failed: set[str]) -> None:
    """In a process of its own, with the cases that show its faults; the challenge passes."""
    need(name)
    program = (
        f"from tests.testing.bad.{name}_receiver import app\n"
        "from okhook.testing import check_contract\n"
        "for each in check_contract(app, secret='s3cret'):\n"
        "    print(each.id, each.level, each.outcome)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    results = [line.split() for line in done.stdout.splitlines()]
    found = {case for case, level, outcome in results if (level, outcome) == ("must", "failed")}
    assert failed <= found
    assert "challenge-echo" not in found


def need(framework: str) -> None:
    """Skip a test without its framework; in CI it fails."""
    if importlib.util.find_spec(framework) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{framework} is not installed")
        pytest.skip(f"{framework} is not installed: pip install -e '.[frameworks]'")


def run_suite(directory: Path) -> None:
    """Run a suite of two tests in a process of its own, with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout

"""The house: who may import whom, and what stays cheap to start."""

import ast
import subprocess
import sys
from pathlib import Path

import okhook

PACKAGE = Path(okhook.__file__).parent


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(("okhook", *path.relative_to(PACKAGE).with_suffix("").parts))


def imports_of(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_imports_go_down_and_never_sideways() -> None:
    """The floors of pyproject.toml hold, and every module stands on one of them."""
    # In a process of its own: it turns off every logger of the process that it runs in.
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--config", "pyproject.toml"]
    done = subprocess.run(lint, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_libraries_stay_in_their_place() -> None:
    """Only the command line knows Typer and Rich, only HTTP and OAuth know httpx, and so on."""
    places = {
        "typer": ("okhook.cli.command", "okhook.cli.command_tree", "okhook.cli.help_page"),
        "rich": ("okhook.cli.",),
        "prometheus_client": ("okhook.admin.metrics",),
        "httpx": ("okhook.http.client", "okhook.http.network", "okhook.okta.auth."),
    }
    wrong = [
        f"{name_of(path)} imports {library}"
        for path in modules()
        for library in {imported.split(".")[0] for imported in imports_of(path)} & set(places)
        if not name_of(path).startswith(places[library])
    ]
    assert wrong == []


def test_packages_export_nothing_of_their_modules() -> None:
    """Importing one thing never pulls the rest of its room; ``okhook.testing`` is a public API."""
    public = (PACKAGE, PACKAGE / "testing")
    rooms = [path for path in modules() if path.name == "__init__.py" and path.parent not in public]
    assert [name_of(path) for path in rooms if path.read_text(encoding="utf-8").strip()] == []


def test_help_imports_nothing_that_it_does_not_show() -> None:
    """`okhook --help` stays as fast as Typer itself: no server, no client, no event loop."""
    program = (
        "import atexit, sys; from okhook.cli.app import main\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "sys.argv = ['okhook', '--help']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    assert "okhook.cli.serve.command" in loaded
    heavy = {"asyncio", "anyio", "httpx", "uvicorn", "starlette", "psutil", "yaml", "sqlite3"}
    assert not loaded & (heavy | {"platformdirs", "ssl"})
    assert not {
        name for name in loaded if name.startswith(("okhook.runtime", "okhook.http.client"))
    }

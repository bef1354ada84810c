"""The house: who may import whom, and what starts fast."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import okhook

PACKAGE = Path(okhook.__file__).parent
ROOMS = ("receiver", "store", "tunnel", "okta", "sandbox", "forward", "inspector")
GROUND = ("config", "runtime", "samples")


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


def room_of(module: str) -> str:
    """Return ``cli``, a room, ``ground`` or ``use case``."""
    parts = module.split(".")
    if len(parts) > 1 and parts[1] in ("cli", *ROOMS):
        return parts[1]
    if len(parts) > 1 and (parts[1] in GROUND or parts[1] in ground_files()):
        return "ground"
    return "use case"


def ground_files() -> set[str]:
    """Return the vocabulary: the package's own files that import no room."""
    return {
        path.stem
        for path in PACKAGE.glob("*.py")
        if not any(name.split(".")[1:2] and name.split(".")[1] in ROOMS for name in imports_of(path)
                   if name.startswith("okhook."))
    }  # fmt: skip


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_go_down_and_never_sideways(path: Path) -> None:
    """A room knows itself and the ground floor; use cases know rooms; only the CLI knows all."""
    here = room_of(name_of(path))
    theirs = {room_of(name) for name in imports_of(path) if name.startswith("okhook.")}
    if path.name == "__main__.py" or here == "cli":
        return
    allowed = {here, "ground"} if here != "use case" else {*ROOMS, "ground", "use case"}
    assert theirs <= allowed, f"{name_of(path)} reaches into {theirs - allowed}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_libraries_stay_in_their_place(path: Path) -> None:
    """typer is the CLI's, rich its renderers', httpx the one HTTP module's."""
    name = name_of(path)
    libraries = {imported.split(".")[0] for imported in imports_of(path)}
    if not name.startswith("okhook.cli."):
        assert "typer" not in libraries
    if not name.startswith(("okhook.cli.console", "okhook.cli.render.")):
        assert "rich" not in libraries
    if name != "okhook.http":
        assert "httpx" not in libraries


@pytest.mark.parametrize(
    "path", [p for p in modules() if p.name == "__init__.py" and p.parent != PACKAGE], ids=name_of
)
def test_packages_export_nothing_of_their_modules(path: Path) -> None:
    """Importing one thing never pulls the rest of its room."""
    assert path.read_text(encoding="utf-8").strip() == ""


def test_help_imports_nothing_that_it_does_not_show() -> None:
    """`okhook --help` stays as fast as Typer itself: no server, no client, no event loop."""
    program = "import sys; from okhook.cli import main\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    heavy = {"asyncio", "anyio", "httpx", "uvicorn", "starlette", "psutil", "yaml", "sqlite3"}
    assert not loaded & (heavy | {"stamina", "platformdirs", "ssl"})
    assert not {name for name in loaded if name.startswith(("okhook.runtime", "okhook.http"))}

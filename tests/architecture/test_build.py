"""A wheel carries the drawings, whoever builds it and from what; where they cannot be fetched it is built and told."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from cavendish_sketch.canvas import art

ROOT = Path(__file__).resolve().parents[2]
DATA = Path("src/cavendish_sketch/data")
CARRIED = {f"cavendish_sketch/data/{name}" for name in ("art.xz", "words.xz", "NOTICE.txt", "LICENSE-noto.txt")}
NOWHERE = "http://127.0.0.1:9"
SECONDS = 120


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A fresh clone, as far as a build looks at it: without the drawings."""
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copytree(ROOT / "tools", tree / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements-npm.txt"):
        shutil.copy(ROOT / name, tree)
    return tree


def with_art(tree: Path) -> Path:
    """The same after `make art`; a registry that is away shows that nothing is fetched again."""
    if not (art.available() and (ROOT / DATA / "NOTICE.txt").is_file()):
        pytest.skip("NOT TESTED: the drawings are not built here (make art)")
    shutil.copytree(ROOT / DATA, tree / DATA)
    return tree


def call(tree: Path, hook: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A hook of the build backend, as an installer calls it; nothing can be fetched."""
    program = f"import sys; sys.path.insert(0, 'tools'); import backend; print(backend.{hook}(*sys.argv[1:]))"
    environment = {
        **os.environ, "npm_config_registry": NOWHERE, "PIP_INDEX_URL": NOWHERE, "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "0", "HOME": str(tree), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tree, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


def built(tree: Path, out: Path) -> tuple[set[str], str]:
    """The names in the wheel, and what its build said."""
    done = call(tree, "build_wheel", str(out))
    [wheel] = out.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist()), done.stderr


def test_a_wheel_without_a_registry_is_built_and_what_is_missing_is_told(tree: Path, tmp_path: Path) -> None:
    names, said = built(tree, tmp_path)

    assert "cavendish_sketch/paint.py" in names
    assert not CARRIED & names
    assert "The drawings of the sketch engine could not be fetched: " in said


def test_a_wheel_carries_the_drawings_and_their_licences(tree: Path, tmp_path: Path) -> None:
    names, said = built(with_art(tree), tmp_path)

    assert CARRIED <= names
    assert said == "", "nothing was fetched"


def test_an_archive_carries_them_too_and_what_a_build_from_it_needs(tree: Path, tmp_path: Path) -> None:
    call(with_art(tree), "build_sdist", str(tmp_path))
    [archive] = tmp_path.glob("*.tar.gz")
    tarfile.open(fileobj=io.BytesIO(archive.read_bytes())).extractall(tmp_path, filter="data")

    names, said = built(tmp_path / archive.name.removesuffix(".tar.gz"), tmp_path)

    assert CARRIED <= names
    assert said == ""


def test_an_editable_install_fetches_nothing(tree: Path, tmp_path: Path) -> None:
    assert call(tree, "build_editable", str(tmp_path)).stderr == ""


def test_an_isolated_build_asks_for_pip_only_where_it_has_to_fetch_an_npm(tree: Path, tmp_path: Path) -> None:
    fetching = call(tree, "get_requires_for_build_wheel").stdout
    there = call(with_art(tree), "get_requires_for_build_wheel").stdout

    assert ("pip" in fetching) == (shutil.which("npm") is None)
    assert there == "[]\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_tree_that_cannot_be_written_to_is_built_all_the_same(tree: Path, tmp_path: Path) -> None:
    (tree / DATA.parent).chmod(0o500)
    try:
        names, said = built(tree, tmp_path)
    finally:
        (tree / DATA.parent).chmod(0o700)

    assert "cavendish_sketch/paint.py" in names
    assert "could not be" in said

"""The POSIX launcher: finds a Python that really runs, makes the environment once for each lock, works from anywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

BASE = Path(sys._base_executable)  # type: ignore[attr-defined]  # the interpreter that this environment was made from


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a very small product: the real launcher, an empty lock, a `numaru` that prints what it was given."""
    root = tmp_path / "a folder with 한글"
    (root / "src" / "numaru").mkdir(parents=True)
    shutil.copy(ROOT / "numaru", root / "numaru")
    (root / "requirements.lock").write_text("# nothing\n")
    (root / "requirements-dev.lock").write_text("# nothing, for developers\n")
    (root / "src" / "numaru" / "__init__.py").touch()
    (root / "src" / "numaru" / "__main__.py").write_text("import os, sys; print([os.getcwd(), *sys.argv[1:]])\n")
    return root


def tools(tmp_path: Path, **programs: str) -> str:
    """A PATH with the everyday programs and the given ones, but no Python and no uv."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    for name in ("sh", "dirname", "readlink", "cmp", "cat", "cp", "rm", "mkdir", "sleep", "kill", "env"):
        found = shutil.which(name)
        if found and not (folder / name).exists():
            (folder / name).symlink_to(found)
    for name, text in programs.items():
        name = name.replace("_", ".")
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return str(folder)


def run(root: Path, *words: str, path: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(root / "numaru"), *words],
        cwd=cwd or root,
        env={"PATH": path, "HOME": "/nonexistent", "LANG": "en_US.UTF-8", **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


SHIM = "#!/bin/sh\necho 'python3.13: command not found' >&2\nexit 127\n"
OLD = "#!/bin/sh\nexit 1\n"


def test_without_a_python_it_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path, python3_13=SHIM, python3=OLD)
    english = run(checkout, "up", path=path)
    korean = run(checkout, "up", path=path, LC_ALL="ko_KR.UTF-8")
    assert english.returncode == korean.returncode == 1
    assert "no Python 3.12 or newer" in english.stderr and "apt-get install python3" in english.stderr
    assert "Python 3.12 이상이 없습니다" in korean.stderr
    assert not (checkout / ".venv.making").exists()


@pytest.mark.slow
def test_it_passes_over_shims_and_makes_the_environment_once_for_each_lock(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path, python3_13=SHIM, python3_12=f'#!/bin/sh\nexec "{BASE}" "$@"\n')
    first = run(checkout, "one", "two words", path=path, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.strip() == str([str(tmp_path), "one", "two words"])
    assert "Preparing the environment" in first.stderr
    again = run(checkout, "x", path=path)
    assert again.returncode == 0 and again.stderr == ""
    (checkout / "requirements.lock").write_text("# something else\n")
    assert "Preparing the environment" in run(checkout, "x", path=path).stderr
    (checkout / ".venv" / "requirements.lock").unlink()  # as an interrupted installation leaves it
    assert "Preparing the environment" in run(checkout, "x", path=path).stderr
    assert run(checkout, "x", path=path).stderr == ""
    assert "Preparing" in run(checkout, "test", path=path).stderr  # the tools of a developer are asked for by test and check
    assert run(checkout, "x", path=path).stderr == ""


@pytest.mark.slow
def test_it_finds_a_python_under_pyenv_and_follows_links(checkout: Path, tmp_path: Path) -> None:
    versions = tmp_path / "pyenv" / "versions" / "3.13.0" / "bin"
    versions.mkdir(parents=True)
    (versions / "python").write_text(f'#!/bin/sh\nexec "{BASE}" "$@"\n')
    (versions / "python").chmod(0o755)
    link = tmp_path / "numaru"
    link.symlink_to(checkout / "numaru")
    told = subprocess.run(
        [str(link), "x"],
        env={"PATH": tools(tmp_path), "PYENV_ROOT": str(tmp_path / "pyenv")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    assert (checkout / ".venv" / "bin" / "python").exists()


def test_it_is_posix_sh() -> None:
    text = (ROOT / "numaru").read_text()
    assert text.startswith("#!/bin/sh\n")
    assert os.access(ROOT / "numaru", os.X_OK)
    for word in ("[[", "local ", "function ", "source ", "$'"):
        assert word not in text
    for shell in filter(None, map(shutil.which, ("dash", "bash", "busybox"))):
        subprocess.run([shell, *(["sh"] if shell.endswith("busybox") else []), "-n", str(ROOT / "numaru")], check=True)


def test_the_locks_name_no_registry_and_hash_everything() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text and "--index" not in text.replace("--no-emit-index-url", "") and "/tmp" not in text
        packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#", "\t"))]
        assert len(packages) > 20
        assert text.count("--hash=sha256:") >= len(packages)
    runtime = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line and line[0].isalpha()}
    assert not runtime & {"pytest", "mypy", "ruff", "playwright", "hypothesis", "coverage"}
    everything = {
        line.split("==")[0] for line in (ROOT / "requirements-dev.lock").read_text().splitlines() if "==" in line and line[0].isalpha()
    }
    assert runtime < everything

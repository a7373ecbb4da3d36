"""Compiles a kernel and all that it calls as one program: optimised once, at the end, and made into machine code once.

By itself numba optimises every function and makes machine code of it, and does so again for each function that calls
it. That takes three times as long, and what its early passes make of a rule's branches can no longer be worked out for
several areas at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.runtime.nrt import rtsys

Base: Any = JITCodeLibrary  # numba has no types
_whole: list[str] = []


class ProgramLibrary(Base):  # type: ignore[misc]
    """The code of a function: of the kernel itself, or of a part, which waits for the kernel that calls it."""

    def __init__(self, codegen: Any, name: str) -> None:
        super().__init__(codegen, name)
        self.is_part = bool(_whole) and name != _whole[-1]
        self._with_callees: Any = None

    def list_callees(self) -> list[Any]:
        """Every library that this one needs, each once."""
        listed: dict[Any, None] = {}
        waiting = list(self._linking_libraries)
        while waiting:
            library = waiting.pop()
            if library not in listed:
                listed[library] = None
                if getattr(library, "is_part", False):
                    waiting += library._linking_libraries
        return list(listed)

    def get_module_alone(self) -> Any:
        """A part's own code, to be linked."""
        return super()._get_module_for_linking()

    def finalize(self) -> None:
        """Link, optimise and compile, unless it is a part."""
        self._raise_if_finalized()
        if self.is_part:
            self._finalized = True
            return
        self._link(self._final_module)
        builder = self._codegen._pass_builder()
        passes = builder.getModulePassManager()
        passes.add_refprune_pass()
        passes.run(self._final_module, builder)
        self._final_module.verify()
        self._finalize_final_module()

    def get_pointer_to_function(self, name: str) -> int:
        """The address of a compiled function; 0 in a part, which has none."""
        return 0 if self.is_part else int(super().get_pointer_to_function(name))

    def _link(self, module: Any) -> None:
        for library in self.list_callees():
            self._reload_init.update(library._reload_init)
            alone = getattr(library, "is_part", False)
            module.link_in(library.get_module_alone() if alone else library._get_module_for_linking(), preserve=True)

    def _get_module_for_linking(self) -> Any:
        """For code that is compiled in numba's own way: a part together with what it calls."""
        if not self.is_part:
            return super()._get_module_for_linking()
        if self._with_callees is None:
            self._with_callees = self.get_module_alone().clone()
            self._link(self._with_callees)
        return self._with_callees

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout


@contextmanager
def compile_as_one(name: str, context: Any) -> Iterator[None]:
    """While a kernel of this qualified name is compiled, with numba's lock held: what it calls is a part of it."""
    rtsys.initialize(context)  # compiled in numba's own way, before anything is a part
    codegen = context.codegen()
    before, set_env = codegen._library_class, codegen.set_env

    def set_env_of_compiled(variable: str, env: Any) -> None:
        if codegen._engine.get_global_value_address(variable):
            set_env(variable, env)

    _whole.append(name)
    codegen._library_class, codegen.set_env = ProgramLibrary, set_env_of_compiled
    try:
        yield
    finally:
        codegen._library_class, codegen.set_env = before, set_env
        _whole.pop()

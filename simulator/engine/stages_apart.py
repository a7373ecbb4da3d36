"""Optimises the stages of the kernel that runs futures one by one, each with all that it calls, before they meet.

A stage is larger than what LLVM puts into its caller, so that this loses nothing. It lets two processes optimise, and
a stage's code is the same whether one process compiles or two. What joins the stages is optimised without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite.binding import parse_bitcode

from simulator.engine.whole_program import ProgramLibrary


class StagedLibrary(ProgramLibrary):
    """The code of a function, which a stage may be: then it is optimised, and holds what it calls."""

    is_stage = False

    def list_callees(self) -> list[Any]:
        """Every library that this one needs, each once, but for stages."""
        return [library for library in super().list_callees() if not getattr(library, "is_stage", False)]

    def optimise_as_stage(self, name: str) -> None:
        """Link what it calls into this part, whose function has that name, and optimise it."""
        module = self._get_module_for_linking()
        module.get_function(name).linkage = "external"  # nothing calls it yet: LLVM would remove it
        self._optimise(module)
        module.get_function(name).linkage = "linkonce_odr"
        self._hold(module)

    def take_stage(self, code: bytes) -> None:
        """Be the stage that another process has optimised: its bit code."""
        self._hold(parse_bitcode(code))
        self._finalized = True

    def get_stage(self) -> bytes:
        """The bit code of an optimised stage."""
        code: bytes = self._final_module.as_bitcode()
        return code

    def finalize(self) -> None:
        """Link and optimise what is no stage, add the stages, and compile, unless it is a part."""
        if self.is_part:
            super().finalize()
            return
        self._raise_if_finalized()
        self._link(self._final_module)
        self._optimise(self._final_module)
        for library in super().list_callees():
            if getattr(library, "is_stage", False):
                self._final_module.link_in(library.get_module_alone(), preserve=True)
        self._final_module.verify()
        self._finalize_final_module()

    def _optimise(self, module: Any) -> None:
        builder = self._codegen._pass_builder()
        passes = builder.getModulePassManager()
        passes.add_refprune_pass()
        passes.run(module, builder)

    def _hold(self, module: Any) -> None:
        self._final_module = self._shared_module = module
        self._linking_libraries: list[Any] = []
        self.is_stage = True


@contextmanager
def keep_stages_apart(context: Any) -> Iterator[None]:
    """While a kernel is compiled as one program: its parts may be optimised as stages."""
    codegen = context.codegen()
    before, codegen._library_class = codegen._library_class, StagedLibrary
    try:
        yield
    finally:
        codegen._library_class = before

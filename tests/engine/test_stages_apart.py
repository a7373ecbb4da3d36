"""Stages are optimised one by one, and what joins them finds each of them there."""

from __future__ import annotations

from typing import Any

import numba
import pytest

from simulator.engine.stages_apart import StagedLibrary, keep_stages_apart
from simulator.engine.whole_program import compile_as_one

pytestmark = pytest.mark.architecture


def triple(x: float) -> float:
    return x * 3.0


def add_up(x: float) -> float:
    total = 0.0
    for k in range(100):
        total += inner(x + k)
    return total


PART: Any = {"no_cfunc_wrapper": True, "_nrt": False}
compile_part: Any = numba.njit(**PART)
inner, stage = compile_part(triple), compile_part(add_up)


def join(x: float) -> float:
    return float(stage(x) + stage(x + 1.0))


def test_a_stage_that_is_optimised_by_itself_gives_what_python_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel: Any = numba.njit(join)
    kind: Any = type(stage)
    made: list[Any] = []
    compile_here = kind.compile

    def note(self: Any, sig: Any) -> Any:
        entry = compile_here(self, sig)
        if self is stage and not made:
            (compiled,) = self.overloads.values()
            assert isinstance(compiled.library, StagedLibrary)
            compiled.library.optimise_as_stage(compiled.fndesc.llvm_func_name)
            made.append(compiled.library)
        return entry

    monkeypatch.setattr(kind, "compile", note)
    context = kernel.targetctx
    with compile_as_one("join", context), keep_stages_apart(context):
        kernel.compile((numba.float64,))
    again = StagedLibrary(context.codegen(), "again")
    again.take_stage(made[0].get_stage())
    names = [[f.name for f in library._final_module.functions if not f.is_declaration] for library in (again, made[0])]
    assert names[0] == names[1] and any("stage" in name for name in names[0])
    assert made[0].is_stage and not made[0].list_callees(), "it holds what it calls"
    assert context.codegen()._library_class is not StagedLibrary
    assert kernel(2.0) == sum((x + k) * 3.0 for x in (2.0, 3.0) for k in range(100))

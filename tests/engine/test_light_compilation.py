"""What the compiler is spared: it is spared while the model is compiled, and everything is as before afterwards."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from numba.core import event, ir, types

from simulator.engine import light_compilation
from simulator.engine.light_compilation import compile_lightly

pytestmark = pytest.mark.architecture


def list_replaced() -> list[object]:
    return [getattr(owner, name, None) for owner, name, _ in light_compilation._SPARED]


def test_afterwards_numba_is_as_it_was_also_where_compiling_fails() -> None:
    before = list_replaced()
    with pytest.raises(ZeroDivisionError), compile_lightly():
        assert not gc.isenabled()
        assert all(now is not then for now, then in zip(list_replaced(), before, strict=True) if then is not None)
        raise ZeroDivisionError
    assert list_replaced() == before and gc.isenabled()


def test_where_a_version_of_numba_lacks_what_is_replaced_that_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = (event, "no_such_name", lambda before: pytest.fail("nothing is replaced"))
    monkeypatch.setattr(light_compilation, "_SPARED", (missing, *light_compilation._SPARED))
    with compile_lightly():
        assert not hasattr(event, "no_such_name")


def test_variables_are_found_wherever_they_are() -> None:
    made: Any = ir
    here = made.Loc("here", 1)
    one, two = (made.Var(None, name, here) for name in ("one", "two"))
    inner = made.Expr.build_tuple([one, two], here)
    statement = made.Assign(inner, one, here)
    expected = [var.name for var in statement.list_vars()]
    with compile_lightly():
        for _ in range(2):
            assert [var.name for var in statement.list_vars()] == expected
    assert sorted(expected) == ["one", "one", "two"]


def test_whoever_listens_for_functions_being_compiled_hears_of_them_and_of_nothing_else() -> None:
    heard: list[str] = []

    base: Any = event.Listener

    class Listener(base):  # type: ignore[misc]
        def on_start(self, event: object) -> None:
            heard.append("start")

        def on_end(self, event: object) -> None:
            heard.append("end")

    kinds = ("numba:compile", *light_compilation._FOR_TIMES)
    with compile_lightly():
        for kind in kinds:
            with event.install_listener(kind, Listener()), event.trigger_event(kind):
                pass
    assert heard == ["start", "end"]


def test_a_record_is_described_as_before() -> None:
    record = types.Record([("a", {"type": types.float64, "offset": 0, "alignment": None, "title": None})], 8, False)
    before = repr(record)
    with compile_lightly():
        assert [repr(record), repr(record)] == [before, before]

"""Levers, parameters and outcomes as a notebook shows them: short, with a table and everything behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from markupsafe import Markup

from simulator.common.errors import UnknownNameError
from simulator.common.html import fill_each
from simulator.common.presentable import frame_to_markup, to_plain
from simulator.declarations import levers, outcomes, parameters
from simulator.declarations.number import Declared
from simulator.declarations.outcomes import Outcome
from simulator.declarations.plugin import suggest_declared

if TYPE_CHECKING:
    import pandas as pd


class UnknownDeclarationError(UnknownNameError, KeyError):
    """No lever, parameter or outcome of this name is declared."""

    __str__ = Exception.__str__


class Shown(Protocol):
    """What is declared, and can be shown."""

    def to_dict(self) -> dict[str, object]:
        """Everything that is declared of it, as JSON can hold it."""
        ...


D = TypeVar("D", bound=Shown)


class DeclaredNumber(Declared):
    """A lever or a parameter: its name, group and default, and `about` it the whole declaration."""

    __slots__ = ()

    def to_dict(self) -> dict[str, object]:
        """Everything that is declared of it, as JSON can hold it; `prior` is text, and None where there is none."""
        about = self.about
        return {
            "name": self.name,
            "group": self.group,
            "default": self.default,
            "low": about.low,
            "high": about.high,
            "unit": about.unit.value,
            "meaning": about.meaning,
            "plain": about.plain,
            "role": about.role.value,
            "status": about.status.value,
            "strength": about.strength.value,
            "evidence": list(about.evidence),
            "prior": None if about.prior is None else repr(about.prior),
            "theme": about.theme,
        }

    def __repr__(self) -> str:
        about = self.about
        span = f"{about.low:g} to {about.high:g}"
        unit = span if about.unit.value == span else f"{about.unit.value}, {span}"
        prior = "" if about.prior is None else f"; prior {about.prior!r}"
        return f"{self.name}: {about.meaning} ({unit}{prior})"

    def _repr_html_(self) -> str:
        return _to_table(self.to_dict())


class DeclaredOutcome(Outcome):
    """An outcome: its name, label and unit, which way is better, and its formula."""

    def to_dict(self) -> dict[str, object]:
        """Everything that is declared of it, as JSON can hold it; `better` is 1, -1, or 0 where neither way is."""
        return {
            "name": self.name,
            "label": self.label,
            "unit": self.unit.value,
            "change_unit": self.change_unit.value,
            "better": self.better,
            "meaning": self.meaning,
            "formula": self.formula,
        }

    def __repr__(self) -> str:
        better = {1: "more is better", -1: "less is better"}.get(self.better, "neither more nor less is better")
        return f"{self.name}: {self.label}, {self.meaning} ({self.unit.value}; {better})"

    def _repr_html_(self) -> str:
        return _to_table(self.to_dict())


class DeclaredTable(Mapping[str, D], Generic[D]):
    """Everything declared of one kind, by name; read-only. `kind` is what one of them is called."""

    def __init__(self, kind: str, declared: Mapping[str, D]) -> None:
        self._kind = kind
        self._declared = MappingProxyType(dict(declared))

    def __getitem__(self, name: str) -> D:
        if name not in self._declared:
            raise UnknownDeclarationError(f"'{name}' is not {self._kind}{self._suggest(name)}")
        return self._declared[name]

    def _suggest(self, name: str) -> str:
        """Where the name is declared after all, or the nearest name of this kind."""
        for kind, table, others in (
            ("a parameter", "PARAMETERS", PARAMETERS),
            ("a lever", "LEVERS", LEVERS),
            ("an outcome", "OUTCOMES", OUTCOMES),
        ):
            if kind != self._kind and name in others:
                return f", but {kind}: rf.{table}['{name}']"
        return suggest_declared(name, self._declared)

    def __contains__(self, name: object) -> bool:
        return name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def to_frame(self) -> pd.DataFrame:
        """One row each, with everything that is declared of it."""
        import pandas as pd

        return pd.DataFrame([item.to_dict() for item in self._declared.values()])

    def __repr__(self) -> str:
        first = ", ".join(list(self._declared)[:3])
        return f"<{len(self)} by name: {first} ...; each is {self._kind}; .to_frame() lists them>"

    def _repr_html_(self) -> str:
        return frame_to_markup(self.to_frame(), index=False)


def _to_table(document: Mapping[str, object]) -> str:
    cells = [Markup("<th>{}</th><td>{}</td>").format(name, to_plain(value)) for name, value in document.items()]
    return Markup("<table>{}</table>").format(fill_each(Markup("<tr>{}</tr>"), cells))


def _show_numbers(kind: str, declared: Mapping[str, Declared]) -> DeclaredTable[DeclaredNumber]:
    return DeclaredTable(kind, {name: DeclaredNumber(*number) for name, number in declared.items()})


LEVERS = _show_numbers("a lever", levers.LEVERS)
PARAMETERS = _show_numbers("a parameter", parameters.PARAMETERS)
OUTCOMES = DeclaredTable("an outcome", {name: DeclaredOutcome(**vars(o)) for name, o in outcomes.OUTCOMES.items()})

"""What a page of hundreds of models costs: Bokeh works out defaults of all of them only to leave them out again.

A whole page is written for every visitor, and nobody else is answered meanwhile. What is written stays the same; a
test compares it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.property.singletons import Undefined
from bokeh.core.property.wrappers import PropertyValueContainer
from bokeh.settings import settings

PLAIN = (type(None), bool, int, float, str)
"""Kinds of values that nobody can change in place: one is as good as another."""
Query = Callable[[PropertyDescriptor[Any]], bool]
_QUERY_ALL, _WORK_OUT_DEFAULT = HasProps.query_properties_with_values, PropertyDescriptor._get_default
_DEFAULTS: dict[tuple[type[HasProps], str], Any] = {}


def speed_up() -> None:
    """Have models made and written without working out the same defaults again, from now on in this process."""
    PropertyDescriptor._get_default = _get_default  # type: ignore[method-assign]
    HasProps.query_properties_with_values = _query_set_values  # type: ignore[method-assign]
    settings.perform_error_diagnostics = False  # Panel asks for what is not there at every change; no similar names


def _get_default(self: PropertyDescriptor[Any], obj: HasProps) -> Any:
    """As Bokeh's, which copies and checks the default of a class for every object."""
    themed, key = vars(obj).get("__themed_values__"), (type(obj), self.name)
    if themed and self.name in themed:
        return _WORK_OUT_DEFAULT(self, obj)
    if key not in _DEFAULTS:
        value = _WORK_OUT_DEFAULT(self, obj)
        if type(value) not in PLAIN or self.has_unstable_default(obj):  # an object keeps its own
            return value
        _DEFAULTS[key] = value
    return _DEFAULTS[key]


def _query_set_values(
    self: HasProps, query: Query, *, include_defaults: bool = True, include_undefined: bool = False
) -> dict[str, Any]:
    """As Bokeh's, which reads every property first, and then asks whether it is one of those that are wanted."""
    if include_defaults or include_undefined:
        return _QUERY_ALL(self, query, include_defaults=include_defaults, include_undefined=include_undefined)
    themed = self.themed_values() or {}
    wanted = {*self._property_values, *self._unstable_default_values, *themed}
    found: dict[str, Any] = {}
    for name, descriptor, has_default in _list_properties(type(self)):
        if (has_default and name not in wanted) or not query(descriptor):
            continue
        value = descriptor.get_value(self)  # raises for what must be set and is not
        default = name in self._unstable_default_values and isinstance(value, PropertyValueContainer)
        if name in themed or not default:
            found[name] = value
    return found


@lru_cache(maxsize=1000)
def _list_properties(kind: type[HasProps]) -> list[tuple[str, PropertyDescriptor[Any], bool]]:
    """The properties of a kind of model in their order, and whether each has a default."""
    return [(each.name, each, each.class_default(kind) is not Undefined) for each in kind.descriptors()]

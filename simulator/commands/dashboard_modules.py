"""The dashboard's modules, by name: the simulator itself knows nothing of its dashboards."""

from __future__ import annotations

from importlib import import_module, util
from pathlib import Path
from types import ModuleType

WANTED = ("panel", "panel_material_ui", "dashboards")
HERE = Path(__file__).resolve().parents[2]


def dashboard_module(name: str) -> ModuleType:
    """A module of the dashboard. Raises ValueError if it is not installed, or if something else has its name."""
    missing = [wanted for wanted in WANTED if util.find_spec(wanted) is None]
    if missing:
        raise ValueError(f"the dashboard needs {', '.join(missing)}; install Ringfence again with: pip install -e .")
    spec = util.find_spec("dashboards")
    found = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec is not None else [""]
    if Path(found[0]).resolve() != HERE / "dashboards":
        raise ValueError(
            f"{found[0]} has the name of a part of Ringfence and is found before it; start from another folder, or "
            "take it out of PYTHONPATH"
        )
    return import_module(name)

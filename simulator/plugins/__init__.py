"""Plug-ins: a mechanism of one's own in one file, run by the Mesa model and by the compiled driver as it is.

A plug-in's file imports all that it needs from here. `docs/guide/plugins.md` shows how to write one; `ringfence plugin
check FILE` tries it. In a notebook, `rf.plugins.load("mine.py")` comes before anything else.
"""

from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.declarations.number import Defensible, Status, Strength, constant, fixed, lever, uncertain
from simulator.declarations.plugin import choose_plugin as load
from simulator.declarations.plugin import find_plugin as find_loaded
from simulator.declarations.plugin_file import Plugin, PluginError
from simulator.declarations.plugin_interface import HOOKS, Board, Year, draw, state
from simulator.declarations.priors import Beta, HalfNormal, LogNormal, Normal, Triangular, Uniform
from simulator.rules.chance import clip, logistic, logit, positive
from simulator.rules.exact import exp, log

short_repr(Plugin)  # here, because results carry the hash of the file that declares it

__all__ = [
    "HOOKS",
    "Beta",
    "Board",
    "Defensible",
    "HalfNormal",
    "LogNormal",
    "Normal",
    "Plugin",
    "PluginError",
    "Status",
    "Strength",
    "Triangular",
    "Uniform",
    "Unit",
    "Year",
    "clip",
    "constant",
    "draw",
    "exp",
    "find_loaded",
    "fixed",
    "lever",
    "load",
    "log",
    "logistic",
    "logit",
    "positive",
    "state",
    "uncertain",
]

"""Runs each check of a plug-in by itself, and prints what it found as JSON; a process of its own calls it."""

from __future__ import annotations

import json
import sys

import simulator.plugins

plugin = simulator.plugins.load(sys.argv[1])

from simulator.plugins import check

FEW = 40
effects = check.compute_effects({"idle": 1.0}, FEW)
findings = (
    check.check_off(plugin),
    check.check_twins(plugin, 1),
    check.check_pounds(plugin, FEW),
    check.check_effects(effects),
    check.check_policies(plugin, FEW),
    check.check_patterns(plugin, FEW, history=True),
    check.check_patterns(plugin, FEW, history=False),
)
print(json.dumps([[finding.name, finding.passed, finding.says] for finding in findings]))

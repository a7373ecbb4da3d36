"""Ringfence: what would keep health inequalities money for its purpose?

The tour, for a notebook (`import simulator as rf`):

- `rf.scenario_names()`, `rf.load_scenario("ringfence")`: the library; scenarios can be moved in time (`.starting`),
  stacked (`"ringfence+leadership"`) and changed (`.with_lever`).
- `rf.run("leadership")`: yearly outcomes over 1,000 futures; `.outcome("retained")`, `.summary()`, `.data` (xarray).
- `rf.run_in_parts("leadership", 1_000_000)`: any number of futures, part by part, in constant memory.
- `rf.run_many(["baseline", "ringfence"])`: several scenarios in the same futures; what they share is run once.
- `rf.compare("ringfence", "leadership")`: future by future, with ranges and a plain sentence; `.to_excel("x.xlsx")`,
  and `.claim("x.json")`, which `rf.verify("x.json")` runs again.
- `rf.why("ringfence", run=17, board="QWE", year="2027/28")`: a board explains its decisions in one future.
- `rf.draw_futures(1000, seed=1)`: the parameter draws and replicates that runs share; `settings` fixes parameters.
- `rf.given_futures(table)`: futures with parameters of your own, one row each, for designs and sweeps.
- `rf.load_boards("mine.csv")`: the 42 boards or your own; `rf.load_results("x.nc")`: saved results.
- `rf.read_sweep("results")`: the rows of `ringfence sweep` as a data frame, with how they were made in `.attrs`.
- `rf.read_evidence("mine.yaml")`: evidence of your own; `rf.run(..., beliefs=evidence)` draws from what it makes of the
  posterior, and `.weigh()` says what it changed.
- `rf.state_beliefs({"plain": (10, 20, 35)})`: evidence from quartiles that somebody states of the questions of
  `ringfence beliefs questions`; `rf.compare_believers(one, other)`: facts, values or chance.
- `rf.PARAMETERS`, `rf.LEVERS`, `rf.OUTCOMES`: every number and outcome as declared, with units, priors and evidence:
  `rf.LEVERS["audit"].to_dict()`, `rf.LEVERS.to_frame()`.
- `rf.ModelFunction()`: the model as a function of points and seeds, for `simulator.experiments` and other tools.
- `rf.read_priors("mine.yaml")`, `rf.read_targets("mine.yaml")`: priors and findings of your own, for `rf.calibrate`;
  `rf.write_fit(fit, "mine")` keeps a fit, and `rf.run(..., beliefs=rf.read_fit("mine"))` draws from it.
- `rf.equivalence`, `rf.break_even`, `rf.attribution`, `rf.variance_split`, `rf.robustness`, `rf.evppi`, `rf.packages`:
  questions about policies; `rf.sobol`, `rf.morris`, `rf.pawn`, `rf.main_effects`, `rf.discover`: questions about what
  is uncertain. Every answer prints a sentence and has `.to_frame()`, `.plot()`, `.to_dict()`, `.save("x.json")`, and
  `.result`, what the method gives; `rf.load("x.json")` brings back all but `.result`, and `rf.load("x.nc")` results.
  `answer.settings` are the arguments as plain data: `rf.sobol(**answer.settings)` asks again.
- `rf.evidence("mine.yaml")`: what evidence changes, before and after; `rf.evsi("retained of 12 boards, 2022/23")`: what
  data that nobody has yet would be worth; `rf.replay("choosing_health")`: prediction beside what was observed.
- `rf.sweep("design.yaml")`: every point of a design in one call, in memory or in a folder.
- `rf.Scenario.from_dict({...})`: a scenario of your own without a file; `.to_yaml()` writes one.
- `rf.calibrate()`, `rf.scoreboard()`, `rf.load_replay("choosing_health")`: the fit, what it gives, and replays.
- `rf.RingfenceError`: the base of all errors that Ringfence raises; `simulator.common.errors` shows the tree.
- `rf.plugins.load("mine.py")`, before anything else: a mechanism of your own (docs/guide/plugins.md).
- `rf.HealthSystem`: the Mesa model itself, for stepping through, Mesa's `batch_run` and data collectors.

What arguments mean, in every question that has them:

- `outcome`: a name of `rf.OUTCOMES`, by default "retained". Tables hold it in its unit (a share is from 0 to 1;
  differences too), and sentences say shares of money in £ of each £100. `centile_5` to `centile_95` and the like are
  of the futures, `likely_low` and `likely_high` the range of 8 in 10.
- `years`: "2027/28" or "2027/28-2029/30". By default those from the first change of any scenario in the question on;
  where levers are set (equivalence, packages, sweeps, factors), those from 2027/28, when they are set, or from
  `start` (results that are given in place of a scenario keep to the first rule). The table's column `years` says which
  they were, and `assumes` names policies that begin later than they do.
- `n`, or `draws` with `replicates`: futures with a parameter draw each; or parameter draws, each with so many courses
  of chance, over which it is averaged. Whole numbers; not text.
- `seed`: all chance follows from it, and the order of the posterior's draws or the draws of the priors. The same
  call gives the same bits wherever `ringfence doctor` finds the published ones. Whatever a question compares meets the
  same parameters and the same chance.
- `source`: "posterior" (the fit that ships), "prior", and for some "default". `beliefs` (evidence, or a fit of your
  own) take the posterior's place, and are refused beside another source.
- `boards`: a table of your own, by its name or as `rf.load_boards` gives it; by default the 42 boards.
- Arguments of another kind or out of range are refused, before anything runs, by `rf.RingfenceError` with what to
  write.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from simulator.boards.table import load_boards

    __version__: str
    from simulator.agents.explain import explain as why
    from simulator.agents.model import HealthSystem
    from simulator.calibration.fit import calibrate
    from simulator.calibration.fit_folder import read_fit_folder as read_fit
    from simulator.calibration.fit_folder import write_fit
    from simulator.calibration.prior_file import read_priors
    from simulator.calibration.scoreboard import scoreboard
    from simulator.calibration.target_file import read_target_file as read_targets
    from simulator.common.errors import InputError, RingfenceError
    from simulator.evidence.belief_comparison import compare_believers
    from simulator.evidence.elicitation import state_beliefs
    from simulator.evidence.observation_file import read_evidence
    from simulator.notebook.claim_questions import verify as verify
    from simulator.notebook.declared import LEVERS as LEVERS
    from simulator.notebook.declared import OUTCOMES as OUTCOMES
    from simulator.notebook.declared import PARAMETERS as PARAMETERS
    from simulator.notebook.evidence_questions import evidence as evidence
    from simulator.notebook.evidence_questions import evsi as evsi
    from simulator.notebook.evidence_questions import replay as replay
    from simulator.notebook.factor_questions import discover as discover
    from simulator.notebook.factor_questions import main_effects as main_effects
    from simulator.notebook.factor_questions import morris as morris
    from simulator.notebook.factor_questions import pawn as pawn
    from simulator.notebook.factor_questions import sobol as sobol
    from simulator.notebook.policy_questions import attribution as attribution
    from simulator.notebook.policy_questions import break_even as break_even
    from simulator.notebook.policy_questions import equivalence as equivalence
    from simulator.notebook.policy_questions import evppi as evppi
    from simulator.notebook.policy_questions import packages as packages
    from simulator.notebook.policy_questions import robustness as robustness
    from simulator.notebook.policy_questions import variance_split as variance_split
    from simulator.notebook.study_answer import load as load
    from simulator.notebook.sweep_questions import sweep as sweep
    from simulator.replays.replay import load_replay
    from simulator.reports.policy_comparison import compare
    from simulator.runs.futures import draw_futures, given_futures
    from simulator.runs.results import load_results
    from simulator.runs.run import run, run_in_parts, run_many
    from simulator.scenarios.scenario import Scenario as Scenario
    from simulator.scenarios.scenario import library as scenario_names
    from simulator.scenarios.scenario import load_scenario as load_scenario
    from simulator.studies.model_function import ModelFunction
    from simulator.sweeps.sweep_reader import read_sweep

# Names are looked up on first use, so that a command that needs no model does not wait for one to be imported.
# Each is in this module, under the name after the colon if it has another there.
_WHERE = {
    "HealthSystem": "agents.model",
    "InputError": "common.errors",
    "LEVERS": "notebook.declared",
    "ModelFunction": "studies.model_function",
    "OUTCOMES": "notebook.declared",
    "PARAMETERS": "notebook.declared",
    "RingfenceError": "common.errors",
    "Scenario": "scenarios.scenario",
    "attribution": "notebook.policy_questions",
    "break_even": "notebook.policy_questions",
    "calibrate": "calibration.fit",
    "compare": "reports.policy_comparison",
    "compare_believers": "evidence.belief_comparison",
    "discover": "notebook.factor_questions",
    "draw_futures": "runs.futures",
    "equivalence": "notebook.policy_questions",
    "evidence": "notebook.evidence_questions",
    "evppi": "notebook.policy_questions",
    "evsi": "notebook.evidence_questions",
    "given_futures": "runs.futures",
    "load": "notebook.study_answer",
    "load_boards": "boards.table",
    "load_replay": "replays.replay",
    "load_results": "runs.results",
    "load_scenario": "scenarios.scenario",
    "main_effects": "notebook.factor_questions",
    "morris": "notebook.factor_questions",
    "packages": "notebook.policy_questions",
    "pawn": "notebook.factor_questions",
    "read_evidence": "evidence.observation_file",
    "read_fit": "calibration.fit_folder:read_fit_folder",
    "read_priors": "calibration.prior_file",
    "read_sweep": "sweeps.sweep_reader",
    "read_targets": "calibration.target_file:read_target_file",
    "replay": "notebook.evidence_questions",
    "robustness": "notebook.policy_questions",
    "run": "runs.run",
    "run_in_parts": "runs.run",
    "run_many": "runs.run",
    "scenario_names": "scenarios.scenario:library",
    "scoreboard": "calibration.scoreboard",
    "sobol": "notebook.factor_questions",
    "state_beliefs": "evidence.elicitation",
    "sweep": "notebook.sweep_questions",
    "variance_split": "notebook.policy_questions",
    "verify": "notebook.claim_questions",
    "why": "agents.explain:explain",
    "write_fit": "calibration.fit_folder",
}

# Names of version 0.1, which work until the release after this one.
_RENAMED = {"load_world": "load_replay"}

__all__ = [
    "LEVERS",
    "OUTCOMES",
    "PARAMETERS",
    "HealthSystem",
    "InputError",
    "ModelFunction",
    "RingfenceError",
    "Scenario",
    "attribution",
    "break_even",
    "calibrate",
    "compare",
    "compare_believers",
    "discover",
    "draw_futures",
    "equivalence",
    "evidence",
    "evppi",
    "evsi",
    "given_futures",
    "load",
    "load_boards",
    "load_replay",
    "load_results",
    "load_scenario",
    "main_effects",
    "morris",
    "packages",
    "pawn",
    "read_evidence",
    "read_fit",
    "read_priors",
    "read_sweep",
    "read_targets",
    "replay",
    "robustness",
    "run",
    "run_in_parts",
    "run_many",
    "scenario_names",
    "scoreboard",
    "sobol",
    "state_beliefs",
    "sweep",
    "variance_split",
    "verify",
    "why",
    "write_fit",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("ringfence")
    if name in _RENAMED:
        message = f"rf.{name} is now called rf.{_RENAMED[name]}; the old name goes in the next release"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        name = _RENAMED[name]
    if name == "plugins":
        return import_module("simulator.plugins")
    if name not in _WHERE:
        raise AttributeError(f"module 'simulator' has no attribute '{name}'")
    value = _find(name)
    return globals().get(name, value)  # a room of this name, which asks the same


def _find(name: str) -> Any:
    module, _, other_name = _WHERE[name].partition(":")
    return getattr(import_module(f"simulator.{module}"), other_name or name)


class _AskableRoom(ModuleType):
    """A room that bears the name of a question, such as `simulator.evidence`: calling the room asks the question.

    So `rf.evidence("mine.yaml")` asks, and `import simulator.evidence.weighing as w` finds the room's own module.
    """

    @property
    def __wrapped__(self) -> Any:
        return _find(self.__name__.rpartition(".")[2])

    @property
    def __call__(self) -> Any:
        return self.__wrapped__

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return cast("str | None", self.__wrapped__.__doc__)


class _Namespace(ModuleType):
    """This package. Python makes a room an attribute of its package when the room is first imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in _WHERE and isinstance(value, ModuleType):
            value.__class__ = _AskableRoom
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Namespace


def __dir__() -> list[str]:
    """The public names; modules that happen to be loaded are not among them."""
    return sorted({*__all__, "__version__", "plugins", *(name for name in globals() if name.startswith("__"))})

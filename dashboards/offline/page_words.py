"""What `page/words.js` needs to say things as the command line does: templates, verdicts and their limits."""

from __future__ import annotations

from typing import Any

from simulator.agents import decision_text
from simulator.agents.decisions import ALWAYS, DECIDED_BY_HEAD, ENDED_LETTER, EVENT_LETTERS, HELPS, MERGED_LETTER
from simulator.calibration.structural_variants import STRUCTURES
from simulator.charts import colour_scale
from simulator.common.formatting import FEWEST, TOO_FEW
from simulator.common.sentence_templates import load_templates
from simulator.common.units import Unit
from simulator.declarations.acting_numbers import ENDS, GATES, can_move
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import PROMISES, list_promises
from simulator.experiments.core import verdicts
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.core.model_protocol import ROUNDING
from simulator.experiments.decision import verdict_carriers
from simulator.experiments.sensitivity import range_split
from simulator.reports import glance, says_who, short_sentence
from simulator.reports.sentences import OLD
from simulator.reports.unmeasured import BY_RULE, MOST_NAMED, SENTENCES, list_assumed_numbers
from simulator.rules import exact
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.studies import carried_numbers, examined_comparison


def page_words() -> dict[str, Any]:
    """The templates by name, every verdict with its parts and its verbs (for one scenario, for several), the limits."""
    known = verdicts.VERDICTS
    return {
        "templates": dict(load_templates()),
        "today": OLD,
        "fewest": FEWEST,
        "same": ROUNDING,
        "wide": Z_95,
        "nearly_all": verdicts.NEARLY_ALL,
        "most": verdicts.MOST,
        "slight": {
            unit.value: size for unit, size in {**verdicts.SLIGHT, Unit.CASES: verdicts.SLIGHT[Unit.SHARE]}.items()
        },
        "units": {unit.name.lower(): unit.value for unit in (Unit.SHARE, Unit.CASES, Unit.MILLIONS, Unit.PERCENT)},
        "verdicts": {
            "all": known,
            "same": verdicts.SAME,
            "not_settled": verdicts.NOT_SETTLED,
            "too_few": TOO_FEW,
            "assumed": verdicts.ASSUMED,
            "often": verdicts.FREQUENCIES,
            "every": verdicts.EVERY,
            "every_written": verdicts.EVERY_WRITTEN,
            "parts": {verdict: verdicts.split_verdict(verdict) for verdict in known},
            "does": {
                verdict: [verdicts.describe_verdict(verdict, many) for many in (False, True)] for verdict in known
            },
        },
        "promises": {name: _promises(name) for name in PROMISES},
        "acting": _acting(),
        "unmeasured": _unmeasured(),
        "short": [short_sentence.SHORTEST_TITLE, short_sentence.LONGEST],
        "glance": glance.LONGEST,
        "carriers": {
            "part": verdict_carriers.PART,
            "most": verdict_carriers.MOST,
            "fewest_of_way": verdict_carriers.FEWEST_OF_WAY,
            "critical": [
                verdict_carriers.find_critical_value(looks)
                for looks in range(1, 2 * len(UNCERTAIN) + len(STRUCTURES) + 1)
            ],
            "repeated": examined_comparison.REPEATED_SETS,
            "more": examined_comparison.MORE_RUNS,
            "fewest_sets": range_split.FEWEST_SETS,
        },
        "carried": {
            "parts": carried_numbers.PARTS,
            "fewest": carried_numbers.FEWEST_IN_PART,
            "critical": [carried_numbers.find_critical_value(looks) for looks in range(1, len(UNCERTAIN) + 1)],
            "most": carried_numbers.MOST,
            "decides": says_who.DECIDES,
        },
        "least_spans": [colour_scale.LEAST_LEVELS, colour_scale.LEAST_DIFFERENCES],
        "why": _why(),
    }


def _promises(outcome: str) -> dict[str, Any]:
    """Lever -> sign, pulls, and what a pull bears through with its default, as `Promise`."""
    return {
        lever: [
            promise.sign,
            promise.pulls,
            {pull: [by, PARAMETERS[by].default] for pull, by in promise.through.items()},
        ]
        for lever, promise in list_promises(outcome).items()
    }


def _unmeasured() -> dict[str, Any]:
    """What no source measures, by lever, and how it is said."""
    numbers = list_assumed_numbers()
    return {
        "kinds": {lever: [BY_RULE[lever]] if lever in BY_RULE else list(numbers[lever]) for lever in LEVERS},
        "plain": {name: PARAMETERS[name].about.plain for names in numbers.values() for name in names},
        "sentences": SENTENCES,
        "most": MOST_NAMED,
    }


def _acting() -> dict[str, Any]:
    """When numbers act, with the defaults that others have then, and which of them cannot move an outcome."""
    return {
        "gates": {
            name: [
                [list(clause.items()) for clause in gate.clauses],
                gate.at_start,
                [(usual, PARAMETERS[usual].default) for usual in gate.usual],
            ]
            for name, gate in GATES.items()
        },
        "ends": list(ENDS),
        "cannot": {name: [number for number in ENDS if not can_move(number, name)] for name in OUTCOMES},
    }


def _why() -> dict[str, Any]:
    """How decisions are explained: which of them, by whom they are taken, and the limits of what is named."""
    return {
        "helps": {event.name.lower(): helps for event, helps in HELPS.items()},
        "always": [event.name.lower() for event in ALWAYS],
        "by_head": [event.name.lower() for event in DECIDED_BY_HEAD],
        "shares": [event.name.lower() for event in decision_text.SHARES],
        "departures": {event.name.lower(): taken for event, taken in decision_text.DEPARTURES.items()},
        "shown": decision_text.SHOWN,
        "named": decision_text.NAMED,
        "most_changed": decision_text.MOST_CHANGED,
        "different": decision_text.DIFFERENT,
        "seen": decision_text.SEEN,
        "strong": decision_text.STRONG,
        "some": decision_text.SOME,
        "most_decimals": decision_text.MOST_DECIMALS,
        "widest_gap": decision_text.WIDEST_GAP,
        "leader_facts": decision_text.LEADER_FACTS,
        "exact": {name: value for name, value in vars(exact).items() if isinstance(value, float)},
        "letters": {
            **{event.name.lower(): letter for event, letter in EVENT_LETTERS.items()},
            "merged": MERGED_LETTER,
            "pilot_ends": ENDED_LETTER,
        },
    }

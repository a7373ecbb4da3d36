"""Where the sign of a difference follows from how the model is built: levers that can only help, or only harm.

A lever is promised a sign where it enters decisions only through pulls that are declared with one sign, and where every
step from the decision to the outcome rises with it. Learning from peers works against it (a board that keeps more
learns less from others), and takes away part of a difference, never its sign; tests hold that over the whole range of
every number. What is not listed is promised nothing, although its sign may be the same in every future that was run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.priors import Prior, find_least


class Promise(NamedTuple):
    """`sign` is +1 where more of the lever is more of the outcome. It holds while none of `pulls` is below zero. A pull
    in `through` bears on the lever only by way of the number named beside it: not at all while that is zero.
    """

    sign: int
    pulls: tuple[str, ...]
    through: Mapping[str, str] = MappingProxyType({})


_PROTECTS: Mapping[str, Promise] = MappingProxyType(
    {
        "ringfence": Promise(1, ("pull_ringfence",)),
        "audit": Promise(1, ("pull_ringfence",)),
        "waivable": Promise(-1, ("pull_ringfence",)),
        "waiver": Promise(-1, ("pull_ringfence",)),
        "named": Promise(1, ("pull_scrutiny", "pull_lead", "unaware", "aware_naming")),
        "gateway": Promise(1, ("pull_gateway",)),
        "oversight": Promise(1, ("pull_oversight",)),
        "strategy": Promise(1, ("pull_strategy",)),
        "principles": Promise(1, ("pull_principles",)),
        "leader_lift": Promise(
            1,
            ("pull_chief", "ring_leader_mix", "pull_ringfence"),
            MappingProxyType({"pull_ringfence": "ring_leader_mix"}),
        ),
        "finance_lift": Promise(1, ("pull_finance", "veto")),
        "committee": Promise(1, ("pull_committee",)),
        "relations": Promise(1, ("pull_relations",)),
        "peers": Promise(1, ("peer_pull",)),
        "savings_ask": Promise(-1, ("pull_pressure", "ask_bite")),
    }
)
_RISES = ("planned", "retained", "retained_mean", "kept_in_full")
_FALLS = ("kept_none",)

PROMISES: Mapping[str, Mapping[str, Promise]] = MappingProxyType(
    dict.fromkeys(_RISES, _PROTECTS)
    | {name: {lever: p._replace(sign=-p.sign) for lever, p in _PROTECTS.items()} for name in _FALLS}
)
"""Outcome -> lever -> what is promised. Money that is protected is money that is kept; what happens to it later, such
as what it replaces, is promised nothing."""


@cache
def find_lowest(name: str) -> float:
    """The lowest value that a number's prior and its bounds admit; its lower bound where it has no prior."""
    about = PARAMETERS[name].about
    return about.low if about.prior is None else max(find_least(about.prior), about.low)


@cache
def can_be_negative(name: str) -> bool:
    """Whether a number may lie below zero: by its prior where it has one, else by its default."""
    declared = PARAMETERS[name]
    prior = declared.about.prior
    return declared.default < 0 if prior is None else admits_negative(name, prior)


def admits_negative(name: str, prior: Prior) -> bool:
    """Whether a prior of a number, held to its bounds, reaches below zero."""
    about = PARAMETERS[name].about
    return max(find_least(prior), about.low) < 0


@cache
def list_promises(outcome: str) -> Mapping[str, Promise]:
    """The promises on an outcome that hold for every value of the numbers that the model's declarations admit."""
    promises = PROMISES.get(outcome, {})
    return {lever: p for lever, p in promises.items() if not any(can_be_negative(name) for name in p.pulls)}

"""Calibrate the model a second time with somebody else's library, and write down how far the two results agree.

Neural posterior estimation (library `sbi`) learns from simulated parameters and simulated data alone which parameters
go with which data. It never evaluates a likelihood, and shares with our importance sampling only the model, the priors
and what an observation is. Not a dependency of the project nor run by the tests; takes some five minutes of one core:

    pip install torch sbi
    python scripts/independent_calibration.py

It writes docs/calibration/independent.md, and ends with code 1 when a parameter is outside the tolerance.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import chdir
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import norm

from simulator.calibration.diagnostics import INFORMED
from simulator.calibration.fit import calibrate
from simulator.calibration.likelihood import COUNTS, Likelihood, list_factors
from simulator.common.arrays import Floats
from simulator.engine.kernel_sources import source_hash
from simulator.experiments.core.model_protocol import Outcomes
from simulator.replays.survey_emulator import list_triples, log_probability
from simulator.replays.targets import list_fitted
from simulator.runs.posterior import read_fit_document

MEANS, SPREADS = 0.25, (0.80, 1.25)  # tolerances, written down before the first run
OUR_SIZES, OUR_SEED = (40_000, 40_000, 80_000), 1
POINTS, HELD_OUT, TESTS, LUCK, SEED = 80_000, 1_000, 400, 11, 20_240
NETS, DRAWS, BATCH, RATE, PATIENCE, EPOCHS = (1, 2, 3, 4), 20_000, 1_000, 2e-3, 6, 30
NORMAL = tuple(t for t in list_fitted() if t.likelihood == "normal")
SURVEY = next(t for t in list_fitted() if t.likelihood == "survey")
TRIPLES = list_triples(int(sum(SURVEY.observed)))
OBSERVED = np.array([SURVEY.observed[0], SURVEY.observed[2], *(t.observed[0] for t in NORMAL)])
PAGE = Path(__file__).resolve().parents[1] / "docs" / "calibration" / "independent.md"
TEXT = f"""# An independent calibration

Written by `scripts/independent_calibration.py`; do not edit. It holds our fit, which is adaptive importance sampling
with code of our own (`simulator/experiments/stats/importance_sampling.py`), against neural posterior estimation with
the library `sbi`, and against plain weighting. Tolerance, chosen before the first run: means within {MEANS:g} of our
posterior s.d., ratio of s.d. {SPREADS[0]:.2f} to {SPREADS[1]:.2f}.

{{verdict}}

{{moments}}

The other two's means are given as differences from ours in our posterior s.d., their s.d. as multiples of ours.
**Neural** never evaluates a likelihood. **Plain** weighs the networks' simulations by the likelihood, without stages or
proposals (effective sample {{effective}}): where neural differs from ours and plain does not, suspect the networks.

{{quantiles}}

## How it was made

- {POINTS:,} points drawn from all priors were run once each (luck {LUCK}, seed {SEED}; our fit: seed {OUR_SEED}, stages
  of {" + ".join(f"{n:,}" for n in OUR_SIZES)}). What would be observed of each was drawn: interview counts, from
  the survey emulator's probabilities of all {len(TRIPLES)} triples, and {len(NORMAL)} other targets with normal errors.
- Masked autoregressive flows (`NPE` of sbi, seeds {", ".join(map(str, NETS))}) learnt the informed parameters, in
  coordinates where their priors are standard normal, from {POINTS - HELD_OUT:,} of the points; {DRAWS:,} draws of each,
  given the data observed, are pooled. The first two were planned; the others were added afterwards, to measure by how
  much networks differ. Other settings of the training were tried on the first fit alone (three, of 30
  to 101 epochs; none went outside the tolerance). The parameters left out number
  {{others}}.
- Of {HELD_OUT:,} simulations that the first network had not seen, {{inside}} (lowest and highest of the parameters) lie
  inside its 90% interval: an average over the prior, not a check near the data observed.
- {{versions}}; hash of the model's sources `{source_hash()}`. Last digits may differ elsewhere.

## What it does not show

- Model, priors, targets and their errors are the same in all three: a mistake in any of them is in all three.
- Only the {len(INFORMED)} informed parameters are compared, and training of the networks was cut short for speed.
- The survey's probabilities are made to sum to one here, as they must be to draw from them. Our likelihood uses them as
  they are; they sum to {{totals}} over the middle 98% of points.
"""


@dataclass(frozen=True)
class Posterior:
    """Means and s.d. (informed,), 5%, 50% and 95% quantiles (informed, 3), correlations, effective number of draws."""

    mean: Floats
    sd: Floats
    quantiles: Floats
    correlation: Floats
    effective: float


def posterior(z: Floats, weights: Floats) -> Posterior:
    """From draws (n, informed) in coordinates where every prior is standard normal, and weights (n,) of any sum."""
    named, w = {f.name: f for f in list_factors()}, weights / weights.sum()
    x = np.stack([named[name].quantile(ndtr(column)) for name, column in zip(INFORMED, z.T, strict=True)])
    mean = x @ w
    far = x - mean[:, None]
    covariance = (far * w) @ far.T
    sd = np.sqrt(np.diag(covariance))
    ordered = [(row[order], w[order].cumsum()) for row in x for order in [np.argsort(row)]]
    quantiles = np.stack([np.interp((0.05, 0.5, 0.95), total, row) for row, total in ordered])
    return Posterior(mean, sd, quantiles, covariance / np.outer(sd, sd), float(1 / (w**2).sum()))


def simulated() -> tuple[Floats, Outcomes]:
    """Prior draws of the informed parameters (n, informed), and one run's predictions of every target for each."""
    rng = np.random.default_rng(SEED)
    z = {f.name: rng.standard_normal(POINTS) for f in list_factors()}
    points = {f.name: f.quantile(ndtr(z[f.name])) for f in list_factors()}
    predicted = Likelihood(LUCK)(points, np.arange(POINTS, dtype=np.int64))
    return np.column_stack([z[name] for name in INFORMED]), predicted


def observed_from(predicted: Outcomes) -> tuple[Floats, Floats, Floats]:
    """Data drawn from each run (n, data), log likelihood of the real data, and sums of the survey's chances (n,)."""
    rng = np.random.default_rng(SEED + 1)
    seen, right, totals = [], [], []
    which = int((np.array(SURVEY.observed) == TRIPLES).all(axis=1).argmax())
    boards = np.stack([predicted[name] for name in COUNTS], axis=1)
    for at in range(0, len(boards), 8_192):
        p = np.exp(log_probability(boards[at : at + 8_192, None, :], TRIPLES))
        totals.append(p.sum(axis=1))
        p /= p.sum(axis=1, keepdims=True)
        row = (p.cumsum(axis=1) < rng.random((len(p), 1))).sum(axis=1)
        seen.append(TRIPLES[np.minimum(row, len(TRIPLES) - 1)])
        right.append(np.log(np.maximum(p[:, which], 1e-300)))
    counts, log_likelihood = np.concatenate(seen), np.concatenate(right)
    columns = [counts[:, 0], counts[:, 2]]
    for t in NORMAL:
        columns.append(predicted[t.id] + (t.error or 0.0) * rng.standard_normal(len(counts)))
        log_likelihood += norm.logpdf(t.observed[0], predicted[t.id], t.error or 0.0)
    return np.column_stack(columns), log_likelihood, np.concatenate(totals)


def neural(z: Floats, data: Floats) -> tuple[list[Floats], Floats]:
    """Each network's draws given what was observed, and the share of held-out simulations whose parameters lie inside
    the first network's 90% interval (informed,).
    """
    import torch
    from sbi.inference import NPE

    torch.set_num_threads(1)
    theta, x, real = (torch.tensor(one).float() for one in (z, data, OBSERVED))
    prior = torch.distributions.MultivariateNormal(torch.zeros(len(INFORMED)), torch.eye(len(INFORMED)))
    alone, inside = [], np.zeros(0)
    for net in NETS:
        torch.manual_seed(net)
        learner = NPE(prior, density_estimator="maf").append_simulations(theta[HELD_OUT:], x[HELD_OUT:])
        learner.train(training_batch_size=BATCH, learning_rate=RATE, stop_after_epochs=PATIENCE, max_num_epochs=EPOCHS)
        learnt = learner.build_posterior()
        alone.append(learnt.sample((DRAWS,), x=real, show_progress_bars=False).double().numpy())
        if net == NETS[0]:
            tests = learnt.sample_batched((TESTS,), x=x[:HELD_OUT], show_progress_bars=False).numpy()
            low, high = np.quantile(tests, (0.05, 0.95), axis=0)
            inside = ((low <= z[:HELD_OUT]) & (z[:HELD_OUT] <= high)).mean(axis=0)
    return alone, inside


def ours() -> tuple[Posterior, str]:
    """Our fit, and which of the parameters left out it moved most."""
    fit = calibrate(OUR_SIZES, seed=OUR_SEED).weighted
    moved = {f.name: float(fit.weights @ fit.coordinates[f.name]) for f in fit.factors if f.name not in INFORMED}
    most = max(moved, key=lambda name: abs(moved[name]))
    words = f"{len(moved)}, and our fit moves none by more than {abs(moved[most]):.2f} prior s.d. (`{most}`)"
    return posterior(np.column_stack([fit.coordinates[name] for name in INFORMED]), fit.weights), words


def compared(ours: Posterior, other: Posterior) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Differences of means in our s.d., ratios of s.d., and which parameters are inside the tolerance."""
    far, ratio = (other.mean - ours.mean) / ours.sd, other.sd / ours.sd
    return far, ratio, (np.abs(far) <= MEANS) & (ratio >= SPREADS[0]) & (ratio <= SPREADS[1])


def table(heads: str, rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown with a row for every informed parameter."""
    lines = [f"| parameter | {heads} |", "| --- " * (heads.count("|") + 2) + "|"]
    return "\n".join([*lines, *(f"| `{k}` | {' | '.join(row)} |" for k, row in zip(INFORMED, rows, strict=True))])


def moments(prior: Posterior, ours: Posterior, neural: Posterior, plain: Posterior) -> str:
    """Table of means and standard deviations."""
    rows = [[f"{v:.2f}" for v in row] for row in zip(prior.sd, ours.mean, ours.sd, strict=True)]
    for other in (neural, plain):
        for row, far, ratio, agrees in zip(rows, *compared(ours, other), strict=True):
            row += [f"{far:+.2f}", f"× {ratio:.2f}", "yes" if agrees else "**no**"]
    return table("prior s.d. | ours: mean | s.d. | neural: mean | s.d. | agrees | plain: mean | s.d. | agrees", rows)


def quantiles(ours: Posterior, other: Posterior) -> str:
    """Table of the 5%, 50% and 95% quantiles in units, and of their differences in our standard deviations."""
    far = (other.quantiles - ours.quantiles) / ours.sd[:, None]
    every = zip(ours.quantiles, other.quantiles, far, strict=True)
    rows = ([*(f"{v:.2f}" for v in (*a, *b)), *(f"{v:+.2f}" for v in c)] for a, b, c in every)
    return table("ours: 5% | 50% | 95% | neural: 5% | 50% | 95% | difference: 5% | 50% | 95%", rows)


def verdict(ours: Posterior, other: Posterior, alone: list[Posterior]) -> str:
    """What agrees and what does not."""
    far, ratio, agrees = compared(ours, other)
    most, wide = int(np.abs(far).argmax()), int(np.abs(np.log(ratio)).argmax())
    edges = np.abs(other.quantiles - ours.quantiles).max(axis=1) / ours.sd
    made = {one["name"]: one["mean"] for one in read_fit_document()["identified"]}
    shipped = np.abs([made[name] for name in INFORMED] - ours.mean) / ours.sd
    means = np.stack([one.mean / ours.sd for one in alone])
    one_net = float(np.sqrt(means.var(axis=0, ddof=1).mean()))
    noise = one_net / np.sqrt(len(alone))
    together, own_error = np.abs(other.correlation - ours.correlation).max(), 1 / np.sqrt(ours.effective)
    return f"""**{agrees.sum()} of {len(INFORMED)} parameters agree within the tolerance.** The largest difference of
means is {far[most]:+.2f} s.d. (`{INFORMED[most]}`), the ratio of s.d. furthest from one {ratio[wide]:.2f}
(`{INFORMED[wide]}`), the largest difference of quantiles {edges.max():.2f} s.d. (`{INFORMED[int(edges.argmax())]}`),
of correlations between parameters {together:.2f}.

{len(alone)} networks that learnt from the same simulations and differ by their seed alone have means that scatter by
{one_net:.2f} s.d. (root mean square over the parameters; up to {np.ptp(means, axis=0).max():.2f} between two of them).
What they give together is therefore uncertain by about {noise:.2f} s.d. for that reason alone, and the tolerance of
{MEANS:g} s.d. is {MEANS / noise:.1f} times that: a difference of means below about {2 * noise:.2f} s.d. cannot be told
from the noise of training. Our fit's own sampling error is about {own_error:.2f} s.d. (effective sample
{ours.effective:,.0f} of {sum(OUR_SIZES):,}). The larger fit that ships with the package has its means within
{shipped.max():.2f} s.d. of the fit compared here."""


def main() -> int:
    """Run everything and write the page. Returns 1 when a parameter is outside the tolerance."""
    if not (util.find_spec("sbi") and util.find_spec("torch")):
        raise SystemExit("This script needs two libraries that the project does not: pip install torch sbi")
    own, others = ours()
    z, predicted = simulated()
    data, log_likelihood, totals = observed_from(predicted)
    prior, plain = posterior(z, np.ones(POINTS)), posterior(z, np.exp(log_likelihood - log_likelihood.max()))
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, chdir(folder):  # sbi leaves logs where it stands
        draws, inside = neural(z, data)
    alone = [posterior(one, np.ones(DRAWS)) for one in draws]
    pooled = posterior(np.concatenate(draws), np.ones(DRAWS * len(NETS)))
    text = TEXT.format(
        verdict=verdict(own, pooled, alone),
        moments=moments(prior, own, pooled, plain),
        effective=f"{plain.effective:,.0f}",
        quantiles=quantiles(own, pooled),
        others=others,
        inside=f"{inside.min():.1%} to {inside.max():.1%}",
        versions=", ".join(f"{name} {metadata.version(name)}" for name in ("sbi", "torch", "numpy", "scipy")),
        totals=" to ".join(f"{v:.2f}" for v in np.quantile(totals, (0.01, 0.99))),
    )
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 0 if compared(own, pooled)[2].all() else 1


if __name__ == "__main__":
    raise SystemExit(main())

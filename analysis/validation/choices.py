"""Error rates of the tests of preference strengths; how often intervals contain the true value.

`python -m analysis.validation.choices [n_draws]` prints the table of docs/validation.md. Simulated
listeners choose between all pairs of four mixes, on six songs. The choices follow Davidson's model
with ties; the mix in the first place has an advantage. The strengths of each listener differ at
random from the common strengths.
"""

import sys
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.choices.davidson import fit_pairs
from analysis.choices.strengths import is_any_different, model_strengths
from analysis.validation.monte_carlo import markdown

SYSTEMS = ("s1", "s2", "s3", "s4")
FIRST, TIE = 0.3, -0.5
N_SONGS = 6
APART = (0.9, 0.3, -0.3, -0.9)


def preferences(
    n_listeners: int, strengths: tuple[float, ...], taste: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Choices of simulated listeners; ``taste`` is the SD of their individual strengths.

    Parameters
    ----------
    n_listeners
        Listeners.
    strengths
        Strengths of the systems on average over all listeners, in log odds.
    taste
        Standard deviation of a system's individual strengths between listeners.
    rng
        Source of chance.
    """
    pairs = list(combinations(range(len(strengths)), 2))
    rows = []
    for listener in range(n_listeners):
        own = np.asarray(strengths) + rng.normal(0, taste, len(strengths))
        for song in range(N_SONGS):
            for number, pair in enumerate(pairs):
                a, b = pair if (number + song + listener) % 2 else pair[::-1]
                worth = np.array([own[a] + FIRST, own[b], (own[a] + own[b]) / 2 + TIE])
                shares: NDArray[np.float64] = np.exp(worth) / np.exp(worth).sum()
                answer = ("a", "b", "tie")[int(rng.choice(3, p=shares))]
                rows.append((f"P{listener:03}", SYSTEMS[a], SYSTEMS[b], answer))
    return pd.DataFrame(rows, columns=["participant", "system_a", "system_b", "answer"])


def false_findings(n_listeners: int, taste: float, n_draws: int, seed: int = 1) -> dict[str, float]:
    """For each test, the share of studies with p < .05, if no systems differ."""
    found = {"omnibus": 0, "pair": 0, "pair, errors not clustered": 0}
    for draw in range(n_draws):
        rows = preferences(n_listeners, (0.0,) * 4, taste, np.random.default_rng([seed, draw]))
        model = fit_pairs(rows, SYSTEMS, sorted(set(rows["participant"])), with_order=True).model
        strengths = model_strengths(SYSTEMS, model)
        pair = strengths.difference("s1", "s4")
        naive_se = float(np.sqrt(np.linalg.inv(model.information)[0, 0]))
        found["omnibus"] += is_any_different(strengths).p < 0.05
        found["pair"] += pair.p < 0.05
        found["pair, errors not clustered"] += 2 * stats.norm.sf(abs(pair.value) / naive_se) < 0.05
    return {name: float(count) / n_draws for name, count in found.items()}


def coverage(n_listeners: int, n_draws: int, seed: int = 2) -> float:
    """Share of 95 % intervals with the true difference inside, for listeners of equal taste."""
    held = 0
    for draw in range(n_draws):
        rows = preferences(n_listeners, APART, 0.0, np.random.default_rng([seed, draw]))
        model = fit_pairs(rows, SYSTEMS, sorted(set(rows["participant"])), with_order=True).model
        pair = model_strengths(SYSTEMS, model).difference("s1", "s4")
        held += pair.ci_low <= APART[0] - APART[3] <= pair.ci_high
    return float(held) / n_draws


def main(n_draws: int) -> str:
    """Table for docs/validation.md."""
    sizes = (10, 20, 30)
    columns = {f"{n} listeners": false_findings(n, 0.8, n_draws) for n in sizes}
    for n in sizes:
        columns[f"{n} listeners"]["interval holds the truth"] = coverage(n, n_draws)
    return markdown(columns)


if __name__ == "__main__":
    sys.stdout.write(f"{main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)}\n")

"""Arms of a study: participants needed to show a difference between groups of people.

**Conventions.** N participants are divided into A arms, each with N / A participants. All
participants rate the same s songs in the mixes of k systems. The variances, in points^2, are those
of participant (p), participant:system (ps), participant:song (pS) and residual (e). The effects of
songs cancel, because all arms have the same songs. With two arms and n = N / A, the variances of a
difference are

    over all systems together   Var = 2 (phi_p + phi_ps / k + phi_pS / s + phi_e / (k s)) / n
    in one system               Var = 2 (phi_p + phi_ps + (phi_pS + phi_e) / s) / n

The first variance is a single mean square, that of participants, with N - A degrees of freedom. The
second variance is the mean square of participants plus (k - 1) times that of participant:system;
Satterthwaite's method gives its degrees of freedom. The variances are those of the linear mixed
model, even if another model is primary.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.mixed_model.power import ALPHA, MOST_PARTICIPANTS, power_of_difference
from analysis.planning.grid import components, fewest


@dataclass(frozen=True, slots=True)
class ArmContrast:
    """Difference of two arms: its standard error in points and its degrees of freedom."""

    se: float
    df: float


def over_all_systems(
    variance: Mapping[str, float], n: int, n_arms: int, n_own: int, k: int
) -> ArmContrast:
    """Difference of two arms over all systems together.

    Parameters
    ----------
    variance
        Variance of each component, in points^2.
    n, n_arms
        Number of participants per arm, and number of arms.
    n_own, k
        Number of songs that each participant rates, and number of systems.
    """
    between, _ = _mean_squares(variance, n_own, k)
    return ArmContrast(float(np.sqrt(2 * between / (n * n_own * k))), n_arms * (n - 1))


def in_one_system(
    variance: Mapping[str, float], n: int, n_arms: int, n_own: int, k: int
) -> ArmContrast:
    """Difference of two arms in one system; the parameters are those of `over_all_systems`."""
    between, within = _mean_squares(variance, n_own, k)
    parts = (between, (k - 1) * within)
    people = n_arms * (n - 1)
    df = sum(parts) ** 2 / (parts[0] ** 2 / people + parts[1] ** 2 / (people * (k - 1)))
    return ArmContrast(float(np.sqrt(2 * sum(parts) / (n * n_own * k))), float(df))


def _mean_squares(variance: Mapping[str, float], n_own: int, k: int) -> tuple[float, float]:
    """Expected mean squares of participants, and of participant:system."""
    ps, _, e = components(variance)
    p, song = (float(variance.get(name, 0.0)) for name in ("participant", "participant:song"))
    return e + n_own * ps + k * song + k * n_own * p, e + n_own * ps


@dataclass(frozen=True, slots=True)
class ArmAdvice:
    """Smallest number of participants in all arms together for 80 % power; None if above 500.

    ``n_tests`` is the number of contrasts between arms, each tested at ``alpha``: all pairs of
    arms, over all systems together and in each system.
    """

    n_arms: int
    n_tests: int
    alpha: float
    n_over_all_systems: int | None
    n_in_one_system: int | None


def arm_advice(
    variance: Mapping[str, float],
    k: int,
    n_own: int,
    n_arms: int,
    difference: float,
) -> ArmAdvice:
    """Number of participants that are needed if two arms truly differ by `difference` points.

    Parameters
    ----------
    variance, k, n_own, n_arms
        As `over_all_systems`.
    difference
        In points.
    """
    n_tests = (k + 1) * n_arms * (n_arms - 1) // 2
    alpha = ALPHA / n_tests

    def needed(
        contrast: Callable[[Mapping[str, float], int, int, int, int], ArmContrast],
    ) -> int | None:
        def power(n: int) -> float:
            found = contrast(variance, n, n_arms, n_own, k)
            return power_of_difference(difference, found.se, found.df, alpha)

        each = fewest(power, 2, MOST_PARTICIPANTS // n_arms)
        return None if each is None else each * n_arms

    return ArmAdvice(n_arms, n_tests, alpha, needed(over_all_systems), needed(in_one_system))

"""Speed of the analysis: `python -m analysis.validation.bench` prints times and ratios.

The same ratings are fitted by mixtrial's model, by statsmodels' MixedLM, and by mixedlm (a package
used only in development). MixedLM gets the same random effects as mixtrial's model: first two
intercepts, then all five components. If R with lme4 and lmerTest is installed, the ratings are also
fitted by lmer. After the fits, reports of several sizes are written once each. All other times in
the table are the shortest of several runs.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import mixedlm
import pandas as pd

from analysis.defaults import KENWARD_ROGER
from analysis.mixed_model.build import build_design
from analysis.mixed_model.fit import MixedModel, fit
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.power import DEFAULT_VARIANCE, simulated_ratings
from analysis.report.context import ReportContext
from analysis.report.write import write_report

R_SCRIPT = """
library(lmerTest); d <- read.csv(commandArgs(TRUE)[1])
f <- rating ~ system + (1|participant) + (1|song) + (1|participant:system) +
  (1|song:system) + (1|participant:song)
cat(min(sapply(1:3, function(i) system.time(anova(lmer(f, d)))[3])))
"""


def ratings(n: int, n_songs: int, k: int, n_attributes: int) -> pd.DataFrame:
    """Simulated ratings, rounded to the scale and cut off at its ends."""
    means = {f"system{j}": 45.0 + 15 * j / (k - 1) for j in range(k)}
    parts = [
        simulated_ratings(DEFAULT_VARIANCE, means, n, n_songs, seed).assign(attribute=f"a{seed}")
        for seed in range(n_attributes)
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(rating=table["rating"].round().clip(0, 100))


def best_s(run: Callable[[], object], times: int) -> float:
    """Shortest wall time of several runs, in seconds; longer runs were slowed by other programs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


INTERCEPTS = ("participant", "song")
COMPONENTS = (*INTERCEPTS, "participant:system", "song:system", "participant:song")


REPORTS = {(30, 15, 4, 5): 14, (65, 4, 50, 1): 60, (500, 10, 8, 1): 30, (20, 4, 200, 1): 120}
"""Target processor time of a report in seconds, by participants, songs, systems and attributes."""


def floor_s() -> float:
    """Processor time that ten million additions in a plain Python loop take, in seconds."""
    start, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - start


def report_line(size: tuple[int, int, int, int], wanted_s: int) -> str:
    """Time of a report, divided by the floor's time (the shorter: before or after)."""
    before, taken = floor_s(), report_cpu_s(*size)
    floor = min(before, floor_s())
    return (
        f"report without pictures, {' x '.join(map(str, size))}: {taken:.1f} s of one core"
        f" (wanted: {wanted_s}), {taken / floor:.0f} x the floor of {floor:.2f} s"
    )


def report_cpu_s(n: int, n_songs: int, k: int, n_attributes: int) -> float:
    """Processor time for analysis, page and tables, in seconds; pictures are not drawn."""
    table = ratings(n, n_songs, k, n_attributes)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        write_report(table, Path(folder), ReportContext(pictures=False))
        return time.process_time() - start


def statsmodels_s(rows: pd.DataFrame, components: tuple[str, ...]) -> float:
    """Time that MixedLM needs with the given crossed random effects, in seconds."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    parts = {
        name: "0 + " + ":".join(f"C({factor})" for factor in name.split(":")) for name in components
    }
    with warnings.catch_warnings():
        # The warnings of statsmodels about convergence are not needed for the measurement.
        warnings.simplefilter("ignore")
        model = MixedLM.from_formula(
            "rating ~ C(system)", rows.assign(one=1), groups="one", re_formula="0", vc_formula=parts
        )
        return best_s(lambda: model.fit(reml=True), 1)


def mixedlm_s(rows: pd.DataFrame) -> float:
    """Time that mixedlm needs for a fit with Satterthwaite's degrees of freedom, in seconds."""
    formula = "rating ~ system" + "".join(f" + (1|{name})" for name in COMPONENTS)
    return best_s(lambda: mixedlm.satterthwaite_df(mixedlm.lmer(formula, rows)), 3)


def lmer_s(rows: pd.DataFrame) -> float | None:
    """Time that lmer needs, with lmerTest's type III test, in seconds; None without R."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.csv"
        rows.to_csv(path, index=False)
        done = subprocess.run(
            [program, "-e", R_SCRIPT, str(path)], capture_output=True, text=True, check=False
        )
    return float(done.stdout) if done.returncode == 0 else None


def main() -> None:
    """Print the measured values, one in each line."""
    rows = ratings(30, 10, 4, 1)
    model: MixedModel = fit(build_design(rows))
    default = best_s(lambda: Inference(fit(build_design(rows))).term_test("system"), 20)
    small = best_s(lambda: fit(build_design(rows, INTERCEPTS)), 20)
    kenward = best_s(lambda: Inference(model, KENWARD_ROGER).term_test("system"), 20)
    lines = [
        f"default model, 1200 ratings, fit and type III test: {1000 * default:.1f} ms",
        f"Kenward-Roger after the fit: {1000 * kenward:.2f} ms (wanted: at most 5)",
    ]
    theirs = statsmodels_s(rows, INTERCEPTS)
    lines.append(f"statsmodels MixedLM, 2 intercepts: {theirs:.2f} s, {theirs / small:.0f} x ours")
    ours = best_s(lambda: fit(build_design(rows, COMPONENTS)), 10)
    theirs = statsmodels_s(rows, COMPONENTS)
    lines.append(
        f"statsmodels MixedLM, all 5 components: {theirs:.1f} s, {theirs / ours:.0f} x ours"
        " (wanted: 30)"
    )
    theirs = mixedlm_s(rows)
    lines.append(f"mixedlm with degrees of freedom: {theirs:.2f} s, {theirs / default:.0f} x ours")
    lmer = lmer_s(rows)
    if lmer is None:
        lines.append("lmer: R with lmerTest is not installed")
    else:
        lines.append(f"lmer + lmerTest: {lmer:.2f} s, {lmer / default:.0f} x ours (wanted: 2)")
    lines += [report_line(size, wanted) for size, wanted in REPORTS.items()]
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines.append(f"most memory of all these: {most_mb:.0f} MB")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

"""How well nine gains can be told from an average spectrum: an estimator in closed form, by singer.

``PYTHONPATH=tests/support:. python -m tests.developing.voices.closed_form SONGS --out DIR`` asks it
about each group of songs, trained on all sets of one, two, … of the other groups, and writes
``closed_form.csv``: error over that of no equaliser. ``--card FOLDER`` puts the course over the
number of groups into the model card of a folder of networks. SONGS are folders as
``mixtrial evaluate`` takes them.

Trained is a normal distribution of what a vocal is before any equaliser (64 decibels, and
how far the mean of the powers lies above each, which no equaliser changes): mean and covariance of
the groups, each counting once, and a covariance that is assumed (``Widths``). An equaliser adds the
decibels of four of nine peak filters. For each of the 126 sets of four, gains given a spectrum are
normal, and so is the spectrum, whose density weighs the sets. Answered is the median of the
mixture: 0 dB wherever it is unsure.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from mixing.effects.eq import BAND_FREQUENCIES_HZ, MAX_GAIN_DB
from mixing.learning.data.song_sources import read_songs
from mixing.learning.data.songs import TaughtSong
from mixing.learning.features.features import N_MELS, Float64, mel_centres_hz, middle_mels
from mixing.learning.features.summaries import SPECTRA, spectral_part
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training.batches import N_DAMAGED_BANDS, damage_db
from mixing.learning.training.fitting import cases_of
from mixing.learning.training.model_card import model_card
from mixing.learning.weight_files import read_index, write_complete

RATE, SEED = 44_100, 1
N_RESAMPLED = 4000
N_BANDS = len(BAND_FREQUENCIES_HZ)
SETS = list(itertools.combinations(range(N_BANDS), N_DAMAGED_BANDS))
GAIN_VARIANCE = MAX_GAIN_DB**2 / 3  # of a gain that is uniform between its ends
OCTAVES = np.log2(mel_centres_hz(RATE) / 1000)


@dataclass(frozen=True, slots=True)
class Widths:
    """Standard deviations, in dB, by which voices are assumed to differ beyond those trained."""

    broad: float = 5.0  # bumps of some ``octaves``
    octaves: float = 0.7
    narrow: float = 4.0  # bumps of an eighth of an octave: a voice's notes
    single: float = 2.0  # each triangle by itself
    tilt: float = 2.0  # per octave
    ends: float = 4.0  # per octave below 220 Hz and above 5.7 kHz
    low_end: float = 8.0  # the same, each triangle by itself
    above: float = 2.0  # of the powers' mean over the decibels', broad and single
    trained: float = 0.7  # share of the covariance of the groups
    trusted: float = 0.7  # exponent of the sets' densities: triangles are no independent witnesses
    shrinkage: float = 0.9


@dataclass(frozen=True, slots=True)
class Prior:
    """Natural vocals: mean (128,), what ``above`` foretells and what is left, both (64, 64)."""

    mean: Float64
    foretold: Float64
    covariance: Float64


def natural(song: TaughtSong) -> Float64:
    """Average spectrum of a vocal, and how far its powers lie above it, in dB, (128,)."""
    spectra = np.mean([clip.spectra for clip in song.clips], axis=0)
    return np.asarray(10.0 * spectral_part(spectra)[1].reshape(-1), dtype=np.float64)


def prior_of(songs: Sequence[TaughtSong], widths: Widths = Widths()) -> Prior:
    """Distribution that songs teach, every group alike."""
    groups: dict[str, list[Float64]] = {}
    for song in songs:
        groups.setdefault(song.together, []).append(natural(song))
    mean = np.mean([np.mean(own, axis=0) for own in groups.values()], axis=0)
    apart = np.concatenate([
        (np.array(own) - mean) / np.sqrt(len(own) * len(groups)) for own in groups.values()
    ])  # fmt: skip
    covariance = widths.trained * apart.T @ apart
    covariance[:N_MELS, :N_MELS] += _assumed(widths)
    covariance[N_MELS:, N_MELS:] += widths.above**2 * (_bumps(widths.octaves) + np.eye(N_MELS))
    foretold = np.linalg.solve(covariance[N_MELS:, N_MELS:], covariance[N_MELS:, :N_MELS]).T
    left = covariance[:N_MELS, :N_MELS] - foretold @ covariance[N_MELS:, :N_MELS]
    level = _without_level()
    return Prior(mean, foretold, level @ left @ level.T + 0.25 * np.eye(N_MELS))


def _assumed(widths: Widths) -> Float64:
    low, high = np.minimum(OCTAVES + 2.2, 0), np.maximum(OCTAVES - 2.5, 0)
    wide = widths.tilt**2 * np.outer(OCTAVES, OCTAVES)
    wide += widths.ends**2 * (np.outer(low, low) + np.outer(high, high))
    own = widths.single**2 + (widths.low_end * low) ** 2 + (widths.ends * high) ** 2
    bumps = widths.broad**2 * _bumps(widths.octaves) + widths.narrow**2 * _bumps(0.12)
    return np.asarray(wide + np.diag(own) + bumps)


def _bumps(octaves: float) -> Float64:
    """Correlation of triangles so many octaves apart, (64, 64)."""
    return np.asarray(np.exp(-0.5 * ((OCTAVES[:, None] - OCTAVES) / octaves) ** 2))


def _without_level() -> Float64:
    """Matrix that takes the mean of the middle off a spectrum, as summaries do."""
    weights = np.zeros(N_MELS)
    weights[middle_mels()] = 1
    return np.asarray(np.eye(N_MELS) - np.outer(np.ones(N_MELS), weights / weights.sum()))


def filters_db() -> Float64:
    """Decibels of each triangle per decibel of each band, (64, 9)."""
    raised = damage_db(10 * np.eye(N_BANDS), RATE) - damage_db(-10 * np.eye(N_BANDS), RATE)
    return np.asarray(_without_level() @ raised.T / 20)


def gains_db(prior: Prior, heard: Float64, widths: Widths = Widths()) -> Float64:
    """Median gains (n, 9) given spectra (n, 128) as :func:`natural` has them."""
    apart = heard[:, :N_MELS] - prior.mean[:N_MELS]
    apart -= (heard[:, N_MELS:] - prior.mean[N_MELS:]) @ prior.foretold.T
    filters = filters_db()
    weighed = np.linalg.solve(prior.covariance, filters)
    precision, evidence = filters.T @ weighed, apart @ weighed
    means = np.zeros((len(SETS), len(heard), N_BANDS))
    deviations = np.ones((len(SETS), N_BANDS))
    density = np.zeros((len(SETS), len(heard)))
    for i, bands in enumerate(map(list, SETS)):
        own = precision[np.ix_(bands, bands)] + np.eye(len(bands)) / GAIN_VARIANCE
        spread = np.linalg.inv(own)
        means[i][:, bands] = evidence[:, bands] @ spread
        deviations[i, bands] = np.sqrt(np.diag(spread))
        fit = (means[i][:, bands] * evidence[:, bands]).sum(axis=1)
        density[i] = (fit - np.linalg.slogdet(own)[1]) / 2
    weights = np.exp(widths.trusted * (density - density.max(axis=0)))
    weights /= weights.sum(axis=0)
    columns = [_median(band, means, deviations, weights) for band in range(N_BANDS)]
    return widths.shrinkage * np.stack(columns, axis=1)


def _median(band: int, means: Float64, deviations: Float64, weights: Float64) -> Float64:
    """Median of a band: 0 dB in the sets that lack it, normal in the others; by bisection."""
    rows = [i for i, bands in enumerate(SETS) if band in bands]
    middle, width, share = means[rows, :, band], deviations[rows, band][:, None], weights[rows]
    silent = 1 - share.sum(axis=0)

    def below(gain: Float64) -> Float64:
        return np.asarray((share * ndtr((gain - middle) / width)).sum(axis=0) + silent * (gain > 0))

    low, high = (np.full(middle.shape[1], end) for end in (-MAX_GAIN_DB, MAX_GAIN_DB))
    for _ in range(16):
        gain = (low + high) / 2
        is_low = below(gain) < 0.5
        low, high = np.where(is_low, gain, low), np.where(is_low, high, gain)
    return np.asarray((low + high) / 2)


def asked_of(song: TaughtSong) -> tuple[Float64, Float64]:
    """What is heard of a song under each random equaliser (n, 128), and the gains (n, 9)."""
    cases = cases_of(song, "eq", SEED)
    summaries = np.stack([summary[SPECTRA] for _, summary in cases.inputs])
    heard = 10.0 * summaries[:, 2 * N_MELS :].astype(np.float64)
    return heard, NETWORKS["eq"].to_natural(cases.truth)


def courses(songs: Sequence[TaughtSong]) -> Iterator[dict[str, object]]:
    """For each number of training groups, means over all sets of so many: each group, then all."""
    asked = {song.song: asked_of(song) for song in songs}
    groups = sorted({song.together for song in songs})
    for n_taught in range(1, len(groups)):
        found = {}
        for group in groups:
            own = [asked[song.song] for song in songs if song.together == group]
            sets = itertools.combinations([other for other in groups if other != group], n_taught)
            each = [_errors([s for s in songs if s.together in taught], own) for taught in sets]
            found[group] = np.mean(each, axis=0)
            yield _row(n_taught, group, found[group])
        yield _row(n_taught, "", np.mean(list(found.values()), axis=0))


def _errors(teachers: Sequence[TaughtSong], asked: Sequence[tuple[Float64, Float64]]) -> Float64:
    """Mean absolute errors in dB, every song alike: of the estimator, of no equaliser, (2,)."""
    prior = prior_of(teachers)
    found = [
        (np.abs(gains_db(prior, heard) - truth).mean(), np.abs(truth).mean())
        for heard, truth in asked
    ]
    return np.asarray(np.mean(found, axis=0))


def interval(rows: Sequence[Mapping[str, object]]) -> tuple[float, float]:
    """95 % interval of the ratio where most groups teach, from drawing groups anew."""
    most = max(int(str(row["n_groups"])) for row in rows)
    last = [row for row in rows if str(row["n_groups"]) == str(most) and row["group"]]
    own, nothing = (np.array([float(str(r[key])) for r in last]) for key in ("mae", "constant_mae"))
    drawn = np.random.default_rng(SEED).integers(len(last), size=(N_RESAMPLED, len(last)))
    low, high = np.quantile(own[drawn].sum(axis=1) / nothing[drawn].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)


def _row(n_taught: int, group: str, errors: Float64) -> dict[str, object]:
    own, nothing = map(float, errors)
    return {"n_groups": n_taught, "group": group, "mae": own, "constant_mae": nothing,
            "ratio": own / nothing}  # fmt: skip


def course_of(rows: Sequence[Mapping[str, object]]) -> dict[str, float]:
    """Ratio over all groups by the number that teach, as a model card has it."""
    return {str(r["n_groups"]): round(float(str(r["ratio"])), 2) for r in rows if not r["group"]}


def main(words: Sequence[str] | None = None) -> None:
    """Write the table, and the card where one is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("songs", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--card", type=Path)
    given = parser.parse_args(words)
    rows = list(courses(read_songs(given.songs).songs))
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "closed_form.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        sys.stdout.write(f"{row['n_groups']} groups, {row['group'] or 'all'}: {row['ratio']:.2f}\n")
    low, high = interval(rows)
    sys.stdout.write(f"with most groups: {low:.2f} to {high:.2f}\n")
    if given.card:
        index = read_index(given.card)
        index["networks"]["eq"]["closed_form_by_groups"] = course_of(rows)
        write_complete(given.card / "weights.json", (json.dumps(index, indent=1) + "\n").encode())
        write_complete(given.card / "model_card.md", model_card(index).encode())


if __name__ == "__main__":
    main()

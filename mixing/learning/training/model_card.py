"""The model card: contents, training data and quality of the weights, in words and tables."""

from __future__ import annotations

from typing import Any

from mixing.learning.networks.forward import ARCHITECTURES
from mixing.learning.weight_files import DEFAULT_ARCHITECTURE

_INTRODUCTION = """\
# Model card: networks of the `cnn` system

Written by `mixtrial train`. The system has its name from the networks of Li (2022); what each
network here is, stands under *Training*.

**A network that did not clearly beat a constant on songs it had not heard, or clearly lost to it on
one source of songs, is switched off: its shrinkage is 0 and it answers with the constant.**

| Network | Answers | Outputs |
|---|---|---|
| level | vocal above backing, integrated loudness | 1, LU |
| range | EBU loudness range that the finished vocal should have | 1, LU |
| eq | gains that seem to have been applied to the vocal, for a mix to take back | 9, dB |
| reverb | the ten parameters of the feedback delay network | 10 |

## Training

| Network | Architecture, loss | Date | Commit | Seed, folds | Songs |
|---|---|---|---|---|---|
{trainings}

{architectures}

## Data

{data}

Licence of the songs: {licence}

*Finished stems*: balance and loudness range are the producer's own; a raw vocal, in which next to
no reverb is heard, teaches neither. *Set by hand*: parameters in a file beside the stems.
*Separated mixes*: levels are those of estimated stems; they teach neither range nor reverb.

## Held-out songs, mean absolute error

`network`: as fitted. `ships`: shrunk towards the constant or switched off by the factor
`shrinkage`, which was decided on these very figures and flatters it a little. `shrunk`: by a factor
that was decided on other songs. `constant`: the best constant of the training songs (0 dB for EQ,
the zero predictor). Songs of one singer or artist are a group; groups are held out whole, and each
counts once.
"""

_LIMITS = """\
## Limits

- EQ truth is simulated: 4 of 9 bands, ±15 dB, Q 1. An equaliser is identifiable only against a
  spectrum the network expects; a dull or bright singer looks like an equaliser.
- Level, range and reverb learn from at most {n_songs} songs: nothing here is a claim about taste.
- Each song counts once; errors of so few songs have wide margins. `mixtrial evaluate` gives their
  intervals.

## Files

{files}
"""


def model_card(index: dict[str, Any]) -> str:
    """Markdown text of the model card, from the content of ``weights.json``."""
    networks: dict[str, dict[str, Any]] = index["networks"]
    songs = {song: source for entry in networks.values() for song, source in _songs(entry)}
    data = "\n".join(
        f"- {source}: {', '.join(sorted(s for s in songs if songs[s] == source))}"
        for source in sorted(set(songs.values()))
    )
    used = dict.fromkeys(_architecture(entry) for entry in networks.values())
    licences = sorted({str(entry.get("licence", "not stated")) for entry in networks.values()})
    introduction = _INTRODUCTION.format(
        trainings="\n".join(_training_row(name, entry) for name, entry in networks.items()),
        architectures="\n".join(f"`{name}`: {ARCHITECTURES[name]}." for name in used),
        data=data,
        licence="; ".join(licences),
    )
    files = "\n".join(
        f"- `{name}.safetensors` SHA-256 `{entry['sha256']}`" for name, entry in networks.items()
    )
    tables = [_task_table(name, entry) for name, entry in networks.items()]
    return "\n".join([introduction, *tables, _LIMITS.format(n_songs=len(songs), files=files)])


def _songs(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and sources of the songs of a network."""
    return list(entry.get("songs", {}).items())


def _architecture(entry: dict[str, Any]) -> str:
    return str(entry.get("architecture", DEFAULT_ARCHITECTURE))


def _training_row(name: str, entry: dict[str, Any]) -> str:
    facts = [str(entry.get(fact, "unknown")) for fact in ("date", "commit", "seed", "folds")]
    return (
        f"| {name} | {_architecture(entry)}, {entry.get('loss', 'robust')} "
        f"| {facts[0]} | {facts[1]} | {facts[2]}, {facts[3]} | {entry['n_songs']} |"
    )


def _figure(kinds: dict[str, dict[str, float]], kind: str, output: str) -> str:
    """Error of one kind of predictor, or a dash if no network was fitted."""
    return f"{kinds[kind][output]:.3g}" if kind in kinds else "–"


def _task_table(name: str, entry: dict[str, Any]) -> str:
    """Errors of a network, one row per output, and a description of the shipped outputs."""
    shrinkage: dict[str, float] = entry["shrinkage"]
    kinds: dict[str, dict[str, float]] = entry["held_out_error"]
    columns = ("network", "ships", "shrunk", "constant")
    rows = [
        f"| {output} | {' | '.join(_figure(kinds, kind, output) for kind in columns)} "
        f"| {factor:.2f} |"
        for output, factor in shrinkage.items()
    ]
    if name == "eq":
        means = [sum(kinds[kind].values()) / len(shrinkage) for kind in columns]
        rows.append(f"| **mean** | {' | '.join(f'{mean:.2f}' for mean in means)} | |")
    n_off = sum(factor == 0 for factor in shrinkage.values())
    verdict = (
        f"{n_off} of {len(shrinkage)} outputs answer with the constant."
        if n_off
        else "The network is used."
    )
    by_source = []
    for source, errors in entry["held_out_error_by_source"].items():
        means = [sum(errors[kind].values()) / len(shrinkage) for kind in ("ships", "constant")]
        by_source.append(f"{source} {means[0]:.2f} against {means[1]:.2f}")
    off = entry.get("switched_off", {})
    if off:
        told = ", ".join(f"{output} ({ratio:.2f})" for output, ratio in off.items())
        verdict += (
            " Switched off afterwards, because they erred more than the constant (by this ratio) "
            f"on groups held out, on songs that are not among those taught, or on excerpts: {told}."
        )
    judged = entry.get("judged_on")
    if judged:
        verdict += (
            f" Figures of {judged['songs']} songs in {judged['groups']} groups, each held out once."
        )
    course: dict[str, float] = entry.get("closed_form_by_groups", {})
    if course:
        told = ", ".join(f"{ratio:.2f} ({n})" for n, ratio in course.items())
        verdict += (
            " What more singers bring an estimator in closed form, which hears the same spectra: "
            f"error over that of no equaliser, by the number of groups that teach: {told}."
        )
    note = f" What ships against the constant, by source: {'; '.join(by_source)}."
    if name == "reverb" or n_off == len(shrinkage) or not by_source:
        note = ""
    return "\n".join(
        [
            f"### {name}: {entry['n_songs']} songs, {entry['n_steps']} steps",
            "",
            "| output | network | ships | shrunk | constant | shrinkage |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            verdict + note,
            "",
        ]
    )

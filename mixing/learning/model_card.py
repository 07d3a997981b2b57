"""The model card: what the weights are, learnt from what, and how good, in words and tables."""

from __future__ import annotations

from typing import Any

_INTRODUCTION = """\
# Model card: the four networks of the `cnn` system

Written by `python -m mixing.learning.train`; date {date}, seed {seed}, {folds} folds of songs.

**These networks are small and learnt from {n_songs} songs. The figures below are weak.** A network
that did not beat a constant on songs it had not heard, or lost to it on one source of songs, is
switched off, output by output: its shrinkage is 0 and it answers with the constant.

| Network | Answers | Outputs |
|---|---|---|
| level | vocal above backing, integrated loudness | 1, LU |
| range | EBU loudness range that the finished vocal should have | 1, LU |
| eq | gains that seem to have been applied to the vocal, for a mix to take back | 9, dB |
| reverb | the ten parameters of the feedback delay network | 10 |

One architecture of about 65,000 parameters: three convolutions over the log-mel spectra of backing
and vocal (10 s, 64 mels), averaged over time, beside the average spectrum itself; two dense layers.

## Data

{data}

- *Set by hand*: the project's own generated songs, CC BY 3.0 (voice: HTS voice NIT SONG070 F001,
  Nagoya Institute of Technology) with parameters set by hand, not by an engineer's ear. One
  synthetic voice sings all of them: a held-out song is a new song, not a new singer.
- *Finished stems*: "Everything is Free" by Software-Entwicklungskit, CC0 1.0 (in the optional data
  folder). Their balance and loudness range are the producer's own; they teach no reverb.

Weights: CC0 1.0 as far as they are ours; credit the voice as above.

## Held-out songs, mean absolute error

`network`: as fitted. `shrunk`: shrunk towards the constant, by a factor chosen on other songs.
`constant`: the best constant of the training songs (0 dB for EQ, the zero predictor). `ships`:
`shrunk`, or `constant` where the network is switched off; that choice was made on these very
figures, so `ships` is a little optimistic.
"""

_LIMITS = """\
## Limits

- EQ truth is simulated: 4 of 9 bands, ±15 dB, Q 1. An equaliser is identifiable only against a
  spectrum the network expects; a dull or bright singer looks like an equaliser.
- Level, range and reverb learn from {n_songs} songs at most, {n_hand} of them with targets set by
  the same hand: nothing here is a claim about taste.
- Level and range may do no more than tell the generated voice from real ones: the two sources
  have different targets, and few songs. The range network sees vocals whose dynamics were spread
  artificially.
- Each song counts once; errors of so few songs have wide margins.

## Reproduce

```
python -m mixing.learning.train --songs stimuli/demo/songs ../shared/data/stems \\
    --out mixing/learning/weights --seed {seed} --folds {folds}
```

Without the optional data folder, leave its path out; the figures will differ.

## Files

{files}
"""


def model_card(index: dict[str, Any]) -> str:
    """Markdown text of the card for the content of a ``weights.json``."""
    songs: dict[str, str] = index["songs"]
    sources = sorted(set(songs.values()))
    data = "\n".join(
        f"- {source}: {', '.join(sorted(s for s in songs if songs[s] == source))}"
        for source in sources
    )
    n_hand = sum(source == "set by hand" for source in songs.values())
    parts = [
        _INTRODUCTION.format(
            date=index["date"],
            seed=index["seed"],
            folds=index["folds"],
            n_songs=len(songs),
            data=data,
        )
    ]
    parts += [_task_table(name, entry) for name, entry in index["networks"].items()]
    files = "\n".join(
        f"- `{name}.safetensors` SHA-256 `{entry['sha256']}`"
        for name, entry in index["networks"].items()
    )
    parts.append(
        _LIMITS.format(
            n_songs=len(songs),
            n_hand=n_hand,
            seed=index["seed"],
            folds=index["folds"],
            files=files,
        )
    )
    return "\n".join(parts)


def shipped_errors(
    errors: dict[str, dict[str, float]], shrinkage: dict[str, float]
) -> dict[str, float]:
    """Held-out error of what ships, by output: the constant's where the network is switched off."""
    return {
        output: errors["shrunk" if factor else "constant"][output]
        for output, factor in shrinkage.items()
    }


def _task_table(name: str, entry: dict[str, Any]) -> str:
    """Errors of one network, one row an output, and in words what ships."""
    shrinkage = entry["shrinkage"]
    kinds = {
        **entry["held_out_error"],
        "ships": shipped_errors(entry["held_out_error"], shrinkage),
    }
    columns = ("network", "shrunk", "constant", "ships")
    rows = [
        f"| {output} | {' | '.join(f'{kinds[kind][output]:.3g}' for kind in columns)} "
        f"| {factor:.2f} |"
        for output, factor in shrinkage.items()
    ]
    if name == "eq":
        means = [sum(kinds[kind].values()) / len(rows) for kind in columns]
        rows.append(f"| **mean** | {' | '.join(f'{mean:.2f}' for mean in means)} | |")
    n_off = sum(factor == 0 for factor in shrinkage.values())
    verdict = (
        f"{n_off} of {len(shrinkage)} outputs answer with the constant."
        if n_off
        else "The network is used."
    )
    by_source = []
    for source, errors in entry["held_out_error_by_source"].items():
        ships = sum(shipped_errors(errors, shrinkage).values()) / len(shrinkage)
        constant = sum(errors["constant"].values()) / len(shrinkage)
        by_source.append(f"{source} {ships:.2f} against {constant:.2f}")
    note = f" What ships against the constant, by source: {'; '.join(by_source)}."
    if name == "reverb" or n_off == len(shrinkage):
        note = ""
    return "\n".join(
        [
            f"### {name}: {entry['n_songs']} songs, {entry['n_steps']} steps",
            "",
            "| output | network | shrunk | constant | ships | shrinkage |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            verdict + note,
            "",
        ]
    )

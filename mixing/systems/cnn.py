"""The trained system: four small networks choose equaliser, loudness range, reverb and balance.

The name of the system, ``cnn``, comes from Li (2022), where the networks are convolutional. The
networks that come with mixtrial are not convolutional. Each network of mixtrial has three dense
layers, whose input is a summary of the song (architecture ``dense``).

Each network uses the vocal after the earlier stages of the chain. The network for the equaliser
predicts gains that seem to have been applied to the vocal. The mix then applies the opposite of the
four largest predicted gains. If a network is not better than a constant, the constant is used
instead. ``mixing/learning/weights/model_card.md`` describes the limits of the training.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from mixing.audio import Audio, Song
from mixing.chain import run_chain
from mixing.decisions import WHOLE, Amounts
from mixing.effects.eq import BAND_FREQUENCIES_HZ
from mixing.learning.features.features import Float32, log_mel_of
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.forward import ARCHITECTURES
from mixing.learning.networks.predict import Prediction, predict
from mixing.learning.weight_files import WEIGHTS_FOLDER, architecture_of, read_weights
from mixing.parameters import CompressionTarget, EqBand, Mix, ReverbParameters, ReverbTarget
from mixing.profiles import CORRECTED, Profile
from mixing.systems.base import SystemSettings

NAME = "cnn"
TAKES_WEIGHTS = True

MAX_BANDS = 4  # Li's (2022) networks also correct four bands
# Median crest factor of the finished lead vocals of five songs (nine excerpts, 12.1 to 17.2 dB).
FINISHED_CREST_DB = 12.7
SMALLEST_GAIN_DB = 0.25  # a band gets no filter if its correction is smaller than this value in dB


@dataclass(frozen=True, slots=True)
class CnnSystem:
    """A system that mixes with networks; the same song always gives the same mix."""

    profile: Profile
    weights: Path = WEIGHTS_FOLDER
    amounts: Amounts = WHOLE

    def mix(self, song: Song) -> Mix:
        """Return the mix of ``song``. Raise ``AudioError`` if the song cannot be mixed."""
        decisions = CnnDecisions(self.profile, self.weights)
        mix = run_chain(song, decisions, NAME, self.profile, amounts=self.amounts)
        notes = (*mix.report.notes, *decisions.notes(), *_architecture_notes(self.weights))
        return replace(mix, report=replace(mix.report, notes=notes))


def _architecture_notes(folder: Path) -> list[str]:
    """Architectures of the networks (the name of the system does not state them)."""
    used = dict.fromkeys(architecture_of(task, folder) for task in NETWORKS)
    notes = [f"architecture of the networks: {name}, {ARCHITECTURES[name]}" for name in used]
    if not any(read_weights(task, folder)["shrinkage"].any() for task in NETWORKS):
        notes.append("every network is switched off and answered with its constant")
    return notes


def create(settings: SystemSettings) -> CnnSystem:
    """The system with the profile and the weights of ``settings``.

    The function raises ``WeightsError`` if weights are missing, or if they differ from their index.
    """
    folder = settings.weights or WEIGHTS_FOLDER
    for task in NETWORKS:
        read_weights(task, folder)
    return CnnSystem(settings.profile, folder, settings.amounts)


@dataclass(slots=True)
class CnnDecisions:
    """Decisions by networks for a song."""

    profile: Profile
    weights: Path = WEIGHTS_FOLDER
    _backing_mel: Float32 | None = None
    _facts: dict[str, float] = field(default_factory=dict)
    _unlike: dict[str, str] = field(default_factory=dict)

    def notes(self) -> list[str]:
        """Networks that returned their constant because the song is unlike the training songs."""
        return [
            f"the {task} network answered with its constant: {why}"
            for task, why in self._unlike.items()
        ]

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """Filters that undo the predicted gains: at most four bands, in ascending order."""
        gains = self._ask("eq", vocal, backing, sample_rate).outputs.values()
        bands = [
            EqBand(frequency, -gain)
            for frequency, gain in zip(BAND_FREQUENCIES_HZ, gains, strict=True)
            if abs(gain) >= SMALLEST_GAIN_DB
        ]
        largest = sorted(bands, key=lambda band: -abs(band.gain_db))[:MAX_BANDS]
        return tuple(sorted(largest, key=lambda band: band.frequency_hz))

    def choose_compression(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> CompressionTarget:
        """The predicted loudness range, converted for the meter of the profile.

        The network predicts the loudness range of the EBU meter. Li's (2022) meter gives higher
        values, by about the difference between the targets of the two profiles.
        """
        range_lu = self._ask("range", vocal, backing, sample_rate).outputs["lra_lu"]
        if self.profile.crest_floor_db is not None:
            return CompressionTarget(range_lu, FINISHED_CREST_DB)
        return CompressionTarget(range_lu + self.profile.lra_target_lu - CORRECTED.lra_target_lu)

    def choose_reverb(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> ReverbParameters | ReverbTarget:
        """The predicted reverb; if the profile demands it, a target loudness sets the amount."""
        prediction = self._ask("reverb", vocal, backing, sample_rate)
        parameters = ReverbParameters(**prediction.outputs)
        target_lu = self.profile.relative_reverb_loudness_lu
        if target_lu is None:
            return parameters
        return ReverbTarget(parameters, target_lu, held=True)

    def choose_relative_loudness(self, vocal: Audio, backing: Audio, sample_rate: int) -> float:
        """Balance that the network predicts, in LU."""
        prediction = self._ask("level", vocal, backing, sample_rate)
        return prediction.outputs["relative_loudness_lu"]

    def facts(self) -> dict[str, float]:
        """Number of clips used by each network; 0 if the network returned its constant."""
        return dict(self._facts)

    def _ask(self, task: str, vocal: Audio, backing: Audio, sample_rate: int) -> Prediction:
        if self._backing_mel is None:
            self._backing_mel = log_mel_of(backing, sample_rate)
        prediction = predict(task, vocal, self._backing_mel, sample_rate, self.weights)
        self._facts[f"{task}_clips_heard"] = float(prediction.n_clips)
        if prediction.unlike is not None:
            self._unlike[task] = prediction.unlike
        return prediction

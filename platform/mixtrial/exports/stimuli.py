"""``stimuli``: the manifest of the build."""

from __future__ import annotations

from dataclasses import asdict, fields

import pandas as pd

from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation
from stimuli.study.manifest import Stimulus

MEANINGS = {
    "file": ("path", "where the file lies in the build folder"),
    "sha256": ("text", "checksum of the file, not of its copies; stimulus_sha256 of the ratings"),
    "integrated_lufs": ("LUFS", "integrated loudness of the finished file"),
    "true_peak_dbtp": ("dBTP", "true peak of the finished file"),
    "lra_lu": ("LU", "loudness range of the finished file"),
    "duration_s": ("seconds", "length of the file; equal on a page"),
    "sample_rate": ("Hz", "sample rate of the file; equal on a page"),
    "gain_db": ("dB", "gain from the mix to the stimulus"),
    "page_target_lufs": ("LUFS", "loudness that all stimuli of the page were brought to"),
    "mix_integrated_lufs": ("LUFS", "integrated loudness of the mix before that gain"),
    "mix_true_peak_dbtp": ("dBTP", "true peak of the mix before that gain"),
    "profile": ("text", "profile under which the system mixed"),
    "seed": ("number", "what the system's random draws were made from"),
    "key": ("text", "SHA-256 of everything that the mix was made from"),
    "parameters": ("JSON", "everything the system did, as mixtrial mix prints it"),
    "copies": ("paths", "further files of the same mix with other dither, for a second hearing"),
}
"""Unit and meaning of what the manifest says of a stimulus."""


OBJECTIVE_MEANINGS = {
    "reference": ("text", "system whose mix of the song this one is compared with"),
    "sha256": ("text", "checksum of the stimulus's file"),
    "reference_sha256": ("text", "checksum of the file that it is compared with"),
    "integrated_lufs": ("LUFS", "integrated loudness"),
    "lra_lu": ("LU", "loudness range"),
    "rms_db": ("dB", "root mean square of the samples, re full scale"),
    "crest_db": ("dB", "peak over root mean square, of the louder channel"),
    "spectral_centroid_hz": ("Hz", "mean frequency, weighted by magnitude"),
    "stereo_width": ("ratio", "energy of left minus right over that of left plus right"),
    "stereo_imbalance": ("ratio", "energies, right minus left over their sum"),
    "loudness_difference_lu": ("LU", "integrated loudness, this mix minus the reference"),
    "lra_difference_lu": ("LU", "loudness range, this mix minus the reference"),
    "crest_difference_db": ("dB", "crest factor, this mix minus the reference"),
    "centroid_difference_octaves": ("octaves", "centroid, this mix over the reference"),
    "width_difference": ("ratio", "stereo width, this mix minus the reference"),
    "imbalance_difference": ("ratio", "stereo imbalance, this mix minus the reference"),
    "bark_distance_db": ("dB", "root mean square difference of level over critical bands"),
    "audio_feature_loss": ("weighted squares", "squared differences of the features above"),
    "stft_distance": ("ratio", "distance of the spectrograms at several resolutions; 0: equal"),
}
"""Unit and meaning of the columns of ``objective.csv``, see ``mixing.meters.objective``."""


def stimuli_table(installation: Installation) -> pd.DataFrame:
    """The built stimuli, one per row, as in the manifest; no rows before a build."""
    stimuli = installation.manifest.stimuli if installation.manifest is not None else ()
    columns = [field.name for field in fields(Stimulus)]
    return pd.DataFrame([asdict(stimulus) for stimulus in stimuli], columns=columns)


EXPORT = Export(
    title="Stimuli",
    remark="the manifest: files, levels, parameters",
    place=60,
    rows=stimuli_table,
    meanings=lambda _study, _columns: MEANINGS,
)

"""``stimuli``: the manifest of what is played."""

from __future__ import annotations

from dataclasses import asdict, fields

import pandas as pd

from mixtrial.exports.table import Export
from mixtrial.server.installation import Installation
from stimuli.study.manifest import Stimulus


def stimuli_table(installation: Installation) -> pd.DataFrame:
    """The built stimuli, one a row, as in the manifest; no rows while the study is not built."""
    stimuli = installation.manifest.stimuli if installation.manifest is not None else ()
    columns = [field.name for field in fields(Stimulus)]
    return pd.DataFrame([asdict(stimulus) for stimulus in stimuli], columns=columns)


EXPORT = Export(
    title="Stimuli",
    remark="the manifest: files, levels, parameters",
    place=60,
    rows=stimuli_table,
)

"""Projects of other tools, made up for tests, with audio of their own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

RATE = 44_100


def write_tones(folder: Path, names: Iterable[str], duration_s: float = 1.2) -> None:
    """A file of noise for each name, all different, all of one length."""
    for number, name in enumerate(names):
        rng = np.random.default_rng(number)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.05 * rng.standard_normal((int(duration_s * RATE), 2)), RATE)


WEBMUSHRA = """\
testname: <b>Harbour</b> Lights
testId: harbour_mixes
bufferSize: 2048
showButtonPreviousPage: true
remoteService: service/write.php
language: fr
pages:
  - type: generic
    id: hello
    name: Welcome
    content: Mind this: listen twice.<br>Then answer.
  - type: consent
    id: consent1
    name: Consent
    content: "Please read: you may stop."
    mustConsent: true
  - type: volume
    id: loud
    name: Volume
    content: Set it.
    stimulus: media/a81f.wav
    defaultVolume: 0.5
  -
    - random
    - type: mushra
      id: harbour_chorus
      name: Harbour Lights, chorus
      content: Rate each version.
      reference: media/a81f.wav
      createAnchor35: true
      createAnchor70: true
      enableLooping: true
      showWaveform: true
      stimuli:
        baseline: media/3c02.wav
        CNN mix: media/77d9.wav
    - type: mushra
      id: harbour_verse
      name: Harbour Lights, verse
      content: Rate each version.
      reference: media/b81f.wav
      createAnchor35: true
      createAnchor70: true
      enableLooping: true
      stimuli:
        baseline: media/4c02.wav
        CNN mix: media/87d9.wav
    - type: paired_comparison
      id: harbour_pair
      name: Which is the reference?
      content: Listen to both.
      unforced: I cannot tell
      reference: media/a81f.wav
      stimuli:
        CNN mix: media/77d9.wav
  - type: likert_multi_stimulus
    id: stars
    name: Stars
    content: How good?
    mustRate: true
    mustPlayback: ended
    stimuli:
      one: media/3c02.wav
      two: media/77d9.wav
    response:
      - {value: bad, label: Bad, img: star.png}
      - {value: fair, label: Fair}
      - {value: good, label: Good}
  - type: likert_single_stimulus
    id: alone
    name: Alone
    content: How is it?
    stimuli:
      one: media/3c02.wav
      two: media/77d9.wav
    response:
      -
        - {value: "no", label: No noise}
        - {value: "yes", label: Noise}
      -
        - {value: 1, label: Dry}
        - {value: 2, label: Fitting}
        - {value: 3, label: Wet}
  - type: bs1116
    id: small
    name: Small
    reference: media/a81f.wav
    stimuli:
      one: media/3c02.wav
  - type: spatial
    id: where
    name: Where?
  - type: generic
    id: pause
    content: Take a break.
  - type: finish
    name: Thank you
    content: Thank you for taking part.
    popupcontent: Saved.
    showResults: false
    writeResults: true
    questionnaire:
      - {type: number, label: Years of mixing, name: years, min: 0, max: 60, default: 0}
      - {type: text, label: E-mail, name: group, optional: true}
      - type: likert
        name: device used
        label: Playback
        response:
          - {value: headphones, label: Headphones}
          - {value: speakers, label: Loudspeakers}
"""
"""Every page type that webMUSHRA has, in a file that a strict reader of YAML refuses."""

WEBMUSHRA_AUDIO = tuple(
    f"media/{name}.wav" for name in ("a81f", "3c02", "77d9", "b81f", "4c02", "87d9")
)


def write_webmushra(folder: Path, text: str = WEBMUSHRA) -> Path:
    """A webMUSHRA project: a file below ``configs``, audio below the project's folder."""
    (folder / "configs").mkdir(parents=True)
    config = folder / "configs" / "harbour.yaml"
    config.write_text(text, encoding="utf-8")
    write_tones(folder, WEBMUSHRA_AUDIO)
    return config

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

SMALL_WEBMUSHRA = """\
testname: Small
testId: small
pages:
  - type: mushra
    id: one
    name: One
    reference: media/a81f.wav
    stimuli: {a: media/3c02.wav, b: %s}
"""
"""A page of two stimuli; the file of the second one is left open."""

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


WAET = """\
<?xml version="1.0" encoding="ISO-8859-1"?>
<waet>
  <setup interface="APE" projectReturn="save.php" randomiseOrder="true" poolSize="1" loudness="-23"
         returnURL="https://panel.example/done" crossFade="3.0">
    <exitText>Good-bye.</exitText>
    <calibration checkLevels="true"/>
    <survey location="before">
      <surveynumber id="years" mandatory="true" min="0" max="60">
        <statement>Years of mixing</statement>
        <conditional check="lessThan" value="1" jumpToOnPass="plays"/>
      </surveynumber>
      <surveycheckbox id="plays" min="1">
        <statement>What do you play?</statement>
        <option name="drums">Drums</option>
        <option name="bass">Bass</option>
      </surveycheckbox>
      <surveystatement id="intro"><statement>Take your time.</statement></surveystatement>
    </survey>
    <survey location="after">
      <surveystatement id="outro"><statement>Please submit.</statement></surveystatement>
    </survey>
    <metric><metricenable>testTimer</metricenable></metric>
    <interface>
      <interfaceoption type="check" name="fragmentPlayed"/>
      <interfaceoption type="check" name="scalerange" min="25" max="75"/>
      <interfaceoption type="show" name="comments"/>
      <interfaceoption type="show" name="playhead"/>
    </interface>
  </setup>
  <page id="harbour" hostURL="media/" loop="true" synchronous="true" label="letter">
    <title>Harbour Lights</title>
    <interface name="clarity">
      <title>How clear is it?</title>
      <scales>
        <scalelabel position="0">Low</scalelabel>
        <scalelabel position="100">High</scalelabel>
      </scales>
    </interface>
    <interface name="warmth"><title>How warm is it?</title></interface>
    <audioelement id="harbour-a" name="baseline" url="3c02.wav"/>
    <audioelement id="harbour-b" name="deep" url="77d9.wav" gain="-3"/>
    <survey location="after">
      <surveyentry type="question" id="genre-0"><statement>Which genre?</statement></surveyentry>
    </survey>
  </page>
  <page id="lantern" hostURL="media/" loop="true" synchronous="true" label="letter">
    <title>Lantern</title>
    <interface name="clarity">
      <title>How clear is it?</title>
      <scales>
        <scalelabel position="0">Low</scalelabel>
        <scalelabel position="100">High</scalelabel>
      </scales>
    </interface>
    <interface name="warmth"><title>How warm is it?</title></interface>
    <audioelement id="lantern-a" name="baseline" url="4c02.wav"/>
    <audioelement id="lantern-b" name="deep" url="87d9.wav"/>
    <survey location="after">
      <surveyentry type="question" id="genre-1"><statement>Which genre?</statement></surveyentry>
    </survey>
  </page>
</waet>
"""
"""Two axes on each of two pages, surveys before, after and on the pages, and a pool."""


def write_waet(folder: Path, text: str = WAET) -> Path:
    """A project of the Web Audio Evaluation Tool; audio lies below ``media``."""
    folder.mkdir(parents=True)
    project = folder / "harbour_mixes.xml"
    project.write_text(text, encoding="latin-1")
    write_tones(folder, WEBMUSHRA_AUDIO)
    return project

"""What those columns mean that several of the exported tables have.

A column of one table alone is explained by its export. Cells without a value are empty; a column
that has none in any row is left out, and so is its row of the codebook.
"""

from __future__ import annotations

from mixtrial.exports.table import Meanings

MEANINGS: Meanings = {
    "participant": ("text", "public name of the participant, P001 for the first"),
    "participant_kind": ("text", "participant, or simulated"),
    "group": ("text", "listener group, as stated by the participant"),
    "arm": ("text", "arm of the study that the participant was assigned to"),
    "device": ("text", "listening device, as stated by the participant"),
    "finished": ("true or false", "whether the participant reached the last page"),
    "study_fingerprint": ("text", "SHA-256 of the study file under which the participant enrolled"),
    "part": ("text", "part of the study that the page belongs to"),
    "phase": ("text", "training or rating: what the page is for; training is never analysed"),
    "page_index": ("count", "page of the participant's plan, from 0"),
    "page_order": ("count", "place of the page among the rated pages, from 1; 0 for training"),
    "song": ("text", "name of the song in the study file"),
    "replicate": ("count", "0 for the first rating of a song, 1 for its repeat"),
    "opened_at": ("time, UTC", "when the page was opened first; empty: never"),
    "closed_at": ("time, UTC", "when the page was completed; empty: was not"),
    "time_s": ("seconds", "active time on the page, all openings added; empty when unknown"),
    "switches": ("count", "changes of the audible stimulus on the page"),
    "system": ("text", "mixing system that made the stimulus"),
    "stimulus_order": ("count", "place of the stimulus on its page, from 1"),
    "stimulus_sha256": ("text", "checksum of the stimulus's first file; see the manifest"),
    "plays": ("count", "starts of this stimulus on its page, switches to it included"),
    "attribute": ("text", "name of the question"),
    "rating": ("points of the scale", "the rating; a slider that was not moved has no row"),
    "scale_minimum": ("points of the scale", "the least rating that could be given"),
    "scale_maximum": ("points of the scale", "the greatest rating that could be given"),
    "scale_step": (
        "points of the scale",
        "between neighbouring ratings; empty, or no column: any value could be given",
    ),
    "rated_at": ("time, UTC", "when the rating was last stored"),
}

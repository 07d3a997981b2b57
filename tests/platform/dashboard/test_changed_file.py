"""A study file that was edited under a running server: the dashboard says what that asks for."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from harbour_study import open_installation, write_study
from mixtrial.dashboard.changed_file import changed_file
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from stimuli.loading.load import load_study


def test_the_dashboard_says_that_the_file_has_changed_and_what_that_asks_for(
    tmp_path: Path,
) -> None:
    """Nothing while it is the same; a text may change, a range may not; a broken file is told."""
    path = write_study(tmp_path, n_songs=2)
    served = open_installation(path)
    served = dataclasses.replace(served, study=load_study(path))
    text = path.read_text()
    assert changed_file(served) == ""
    path.write_text(f"{text}welcome: Good morning.\n")
    assert "takes effect at the next start" in changed_file(served)
    path.write_text(f"{text}range: {{minimum: 1, maximum: 5}}\n")
    assert "range.minimum asks for a new version" in changed_file(served)
    path.write_text(text.replace("Harbour Lights", "Harbour Light"))
    assert "write identifier: harbour-lights" in changed_file(served)
    path.write_text("title: [")
    assert "cannot be read any more. study.yaml" in changed_file(served)
    served.store.close()


def test_a_server_started_anew_asks_those_under_way_what_the_file_now_says(tmp_path: Path) -> None:
    """As the docs say: their pages stay as planned, scales are those of the file."""
    path = write_study(tmp_path, n_songs=2)
    first = load_installation(settings_for_study(path))
    before = enrol(first)
    first.store.close()
    path.write_text(
        path.read_text() + "range: {minimum: 1, maximum: 5}\npages: {training: false}\n"
    )
    second = load_installation(first.settings)
    after = second.store.find_participant(before.token)
    assert after is not None
    assert after.pages == before.pages
    assert after.pages[0].phase == "training"
    assert enrol(second).pages[0].phase == "rating"
    assert second.study.part(after.pages[0].part).scale.maximum == 5
    assert len(second.store.study_versions(second.study.identifier)) == 2
    second.store.close()

"""Reading study.yaml: what it means, and one clear sentence for whatever is wrong with it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import places
from stimuli.loading.load import load_study
from stimuli.page_types.base import PartOptions
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.conditions import stated
from stimuli.study_keys.declared_plan import plan_fingerprint
from stimuli.study_keys.keys import StudyKeys

REPOSITORY = places.ROOT
SYSTEMS = ("random", "baseline", "cnn", "human")
MINIMAL = """\
title: Ballads & Blues, spring
songs:
  - name: harbour
    vocal: harbour/vocal.flac
    backing: harbour/backing.flac
  - name: lantern
    vocal: lantern/vocal.flac
    backing: lantern/backing.flac
systems: [random, baseline]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the (empty) audio files that the minimal study names."""
    for song in ("harbour", "lantern"):
        (tmp_path / song).mkdir()
        for stem in ("vocal", "backing", "mix"):
            (tmp_path / song / f"{stem}.flac").touch()
    return tmp_path


def load(folder: Path, text: str) -> Study:
    """Load ``text`` as the study file of ``folder``."""
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return load_study(path, SYSTEMS)


def test_a_study_of_nine_lines_has_everything_else_by_default(folder: Path) -> None:
    """Title, songs and systems are enough; the rest is Li's (2022) design."""
    study = load(folder, MINIMAL)
    assert study.identifier == "ballads-blues-spring"
    assert [a.name for a in study.attributes] == ["level", "eq", "compression", "reverb", "overall"]
    assert study.scale.words == ("Very poor", "Poor", "Fair", "Good", "Very good")
    assert [g.name for g in study.groups] == ["professional", "hobbyist", "inexperienced"]
    assert study.loudness_target_lufs == -23.0
    assert study.profile == "corrected"
    assert study.training_song == "harbour"
    assert study.rated_songs == ("harbour", "lantern")


def test_paths_are_seen_from_the_folder_of_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It does not matter from where the command is called."""
    load(folder, MINIMAL)
    monkeypatch.chdir(folder.parent)
    study = load_study(Path(folder.name) / "study.yaml", SYSTEMS)
    assert study.songs[0].vocal == folder.resolve() / "harbour" / "vocal.flac"
    assert study.folder == folder.resolve()


def test_a_study_is_frozen(folder: Path) -> None:
    """Nobody changes a study after it was read."""
    with pytest.raises(ValidationError, match="frozen"):
        load(folder, MINIMAL).title = "Other"  # type: ignore[misc]


def test_the_fingerprint_follows_content_not_comments_order_or_place(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Comments and key order change nothing; moving the folder changes nothing."""
    first = load(folder, MINIMAL).fingerprint
    lines = MINIMAL.splitlines()
    reordered = "\n".join([lines[-1], "# a remark", *lines[:-1]])
    assert load(folder, reordered).fingerprint == first
    moved = folder.rename(folder.with_name("moved"))
    assert load_study(moved / "study.yaml", SYSTEMS).fingerprint == first


@pytest.mark.parametrize(
    "change", ["seed: 2", "thanks: Bye", "pages: {training: false}", "loudness_target_lufs: -24"]
)
def test_the_fingerprint_follows_every_value(folder: Path, change: str) -> None:
    """A changed text, number or switch is another study."""
    assert load(folder, MINIMAL).fingerprint != load(folder, MINIMAL + change).fingerprint


def test_the_fingerprint_is_what_it_was_before_keys_were_renamed(folder: Path) -> None:
    """As version 1 gave it: a study that is running stays the same study."""
    study = load(folder, MINIMAL + "completion_link: https://panel.example/done")
    before = "a678931413fb896cc27385202377cf5da4f8161356f9e7176f353a7de47636a0"
    assert study.fingerprint == before


def test_sites_that_may_frame_the_survey_are_told_and_change_nothing(folder: Path) -> None:
    """Where a study is shown is not what it asks; small and large letters are one site."""
    study = load(folder, MINIMAL + "embed_origins: [https://Panel.example.org, http://localhost:1]")
    assert study.embed_origins == ("https://panel.example.org", "http://localhost:1")
    assert study.fingerprint == load(folder, MINIMAL).fingerprint


@pytest.mark.parametrize(
    "told",
    ["*", "https://*.example.org", "http://panel.example.org", "https://a.org/page", "a.org",
     "https://a.org;script-src", "'none'", "https://a.org https://b.org"],
)  # fmt: skip
def test_what_is_no_site_cannot_frame_the_survey(folder: Path, told: str) -> None:
    """Neither everybody nor a page, nor anything that would write into the policy."""
    with pytest.raises(StudyError, match="embed_origins must list sites such as https://panel"):
        load(folder, MINIMAL + f'embed_origins: ["{told}"]')


def test_conditions_are_told_and_change_nothing(folder: Path) -> None:
    """They may be written when the study is over; what is left out is None, a wrong key refused."""
    told = "conditions: {room: A quiet one, listening_level: 78 dBA at the ear}"
    study = load(folder, MINIMAL + told)
    assert study.fingerprint == load(folder, MINIMAL).fingerprint
    words = {key: text for key, _, text in stated(study.conditions, "songs")}
    assert words == {
        "room": "A quiet one", "listening_level": "78 dBA at the ear",
        "playback_equipment": None, "song_selection": None, "recruitment": None,
    }  # fmt: skip
    with pytest.raises(StudyError, match=r"Unknown key 'rom' in conditions. Did you mean 'room'"):
        load(folder, MINIMAL + "conditions: {rom: x}")
    with pytest.raises(
        StudyError, match=r"listening_level must be text, not 78\. Put it in quotes"
    ):
        load(folder, MINIMAL + "conditions: {listening_level: 78}")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "completion_redirect: https://panel.example/done",
            "line 10: The key 'completion_redirect' is called 'completion_link' now",
        ),
        (
            "conditions: {level: 78 dBA}",
            "line 10: The key 'level' in conditions is called 'listening_level' now",
        ),
    ],
)
def test_a_key_of_before_is_refused_with_its_present_name(
    folder: Path, line: str, sentence: str
) -> None:
    """One sentence, with the place."""
    with pytest.raises(StudyError, match=sentence):
        load(folder, MINIMAL + line)


def test_a_study_survives_the_way_to_a_worker_process(folder: Path) -> None:
    """Folder and fingerprint are kept when a study is pickled."""
    study = load(folder, MINIMAL)
    copy = pickle.loads(pickle.dumps(study))
    assert (copy, copy.folder, copy.fingerprint) == (study, study.folder, study.fingerprint)


def test_yes_no_and_dates_are_text(folder: Path) -> None:
    """Words that older YAML turns into booleans and dates stay what was written."""
    text = MINIMAL + "range: {labels: [No, Yes]}\ndescription: 2024-03-01\n"
    study = load(folder, text)
    assert (study.scale.words, study.description) == (("No", "Yes"), "2024-03-01")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("title:", "titel:", r"study.yaml, line 1: Unknown key 'titel'. Did you mean 'title'"),
        (
            "    vocal: l",
            "    vocl: l",
            r"line 7: Unknown key 'vocl' in songs, entry 2. Did you mean 'vocal'",
        ),
        ("systems:", "seed: x\nsystems:", r"line 9: seed must be a whole number, not 'x'"),
        ("systems:", "seed: -1\nsystems:", r"line 9: seed must be at least 0, but is -1"),
        ("Ballads & Blues, spring", "2024", r"title must be text, not 2024\. Put it in quotes"),
        ("Ballads & Blues, spring", "''", r"line 1: title must have 1 or more characters"),
        ("[random, baseline]", "baseline", r"line 9: systems must be a list"),
        ("[random, baseline]", "[]", r"line 9: systems must have 1 or more entries"),
        ("baseline]", "basline]", r"line 9: Unknown system 'basline'. Did you mean 'baseline'"),
        ("baseline]", "zzz]", r"Unknown system 'zzz'\. Choose from random, baseline, cnn, human"),
        ("baseline]", "random]", r"Two of the systems are called 'random'"),
        ("name: lantern", "name: harbour", r"Two of the songs are called 'harbour'"),
        ("name: lantern", "name: my song", "line 6: The name 'my song' may contain only"),
        ("name: lantern", "title: L", r"line 6: The key 'name' is missing in songs, entry 2"),
        ("baseline]", "human]", r"line 3: .*'harbour' has no human mix; add human: FILE"),
        ("harbour/vocal", "harbour/voice", r"line 4: There is no vocal file 'harbour/voice.flac'"),
        ("harbour/vocal.flac", "harbour", r"There is no vocal file 'harbour'"),
        ("harbour/vocal.flac", "12", "line 4: The key vocal must be a file name, not 12"),
        (
            "systems:",
            "profile: li202\nsystems:",
            r"must be 'li2022' or 'corrected'.*you mean 'li2022'",
        ),
        ("systems:", "title: B\nsystems:", "line 9: The key 'title' is here twice; first on line"),
        ("systems:", "thanks: a: b\nsystems:", r"line 9: This is not valid YAML.*in quotes"),
        (
            "  - name: lantern",
            "\t- name: lantern",
            r"line 6: This is not valid YAML.*not with tabs",
        ),
        ("systems:", "thanks: ? a\nsystems:", r"line 9: .*begins with '\? ' must be in quotes"),
        ("systems:", "thanks: - a\nsystems:", "line 9: .*begins with '- ' must be in quotes"),
        ("systems:", "thanks: @a\nsystems:", "line 9: .*this sign must be in quotes"),
        ("systems:", "thanks: > a\nsystems:", r"begins with > or \| must be in quotes"),
        ("harbour/vocal.flac", r'"C:\Songs\vocal.flac"', r"line 4: .*write a path with / or in"),
        ("harbour/vocal.flac", r'"C:\x"', r"line 4: .*write a path with / or in single quotes"),
        ("harbour/vocal.flac", r'"C:\new\v.wav"', r"line 4: 'C:\\new\\x0b.*write a path with /"),
        ("harbour/vocal.flac", r'"h\new.wav"', r"line 4: There is no vocal file .* with / or in"),
        ("systems:", "thanks: [\nsystems:", r"This is not valid YAML"),
        ("systems:", "thanks: &a x\nwelcome: *a\nsystems:", r"line 10: Aliases \(\*a\)"),
        ("systems:", "thanks: !!python/name:os.system x\nsystems:", r"line 9: Tags \(words that"),
        ("systems:", "1: x\nsystems:", r"line 9: A key must be a word"),
        ("systems:", f"seed: {'9' * 5000}\nsystems:", r"holds a number that cannot be read"),
        ("systems:", f"thanks: {'[' * 3000}{']' * 3000}\nsystems:", r"nested too deeply"),
        ("systems:", "pages: 3\nsystems:", r"line 9: pages must be a group of keys and values"),
        (
            "systems:",
            "pages: {songs_per_participant: 3}\nsystems:",
            r"line 9: songs_per_participant is 3, but only 2",
        ),
        (
            "systems:",
            "pages: {songs_per_participant: many}\nsystems:",
            r"songs_per_participant must be all or a whole number",
        ),
        (
            "systems:",
            "pages: {training_song: lantrn}\nsystems:",
            r"line 9: The training song 'lantrn' is not among.*'lantern'",
        ),
        ("systems:", "pages: {repeated_songs: 3}\nsystems:", r"repeated_songs is 3, but only 2"),
        (
            "systems:",
            "pages: {max_stimuli: 1}\nsystems:",
            "line 10: A page would have 2 stimuli, but 1 are allowed",
        ),
        ("systems:", "loudness_target_lufs: .nan\nsystems:", r"must be a finite number"),
        ("systems:", "loudness_target_lufs: 0\nsystems:", r"must be at most -6.0, but is 0"),
        ("systems:", "completion_link: page\nsystems:", r"must be a link .* not 'page'"),
        (
            "systems:",
            "attributes: [{name: a, question: Q, lowlabel: x}]\nsystems:",
            r"Unknown key 'lowlabel' in attributes, entry 1. Did you mean 'low_label'",
        ),
        (
            "    vocal: l",
            "    excerpt: {start_s: 1, duration_s: 2}\n    vocal: l",
            r"line 7: songs, entry 2, excerpt, duration_s must be at least 3.0, but is 2",
        ),
    ],
)
def test_a_broken_study_is_refused_in_one_sentence(
    folder: Path, old: str, new: str, sentence: str
) -> None:
    """Each fault names its place and its remedy."""
    assert old in MINIMAL
    with pytest.raises(StudyError, match=sentence) as caught:
        load(folder, MINIMAL.replace(old, new, 1))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "study.yaml is empty"),
        (b"- a\n- b\n", "must hold keys and values"),
        (b"title: \xff\xfe", "not a text file in UTF-8"),
        (b"#" * 300_000, "larger than 256 KiB"),
        (b"title: a\x00b", "not valid YAML"),
        (b"a: 1\n---\nb: 2\n", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_study_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    """Empty, binary, huge or listed content is named as such."""
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(StudyError, match=sentence):
        load_study(path, SYSTEMS)


@given(
    line=st.integers(0, 8),
    value=st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=12),
        st.sampled_from(["[1]", "{a: b}", "1e400", ".nan", "!!bool x", "&a", "~", "0x1F", "- -"]),
    ),
)
def test_whatever_stands_behind_a_key_never_ends_in_a_traceback(line: int, value: str) -> None:
    """A study is read, or refused in one line; nothing else can happen."""
    lines = MINIMAL.splitlines()
    lines[line] = f"{lines[line].partition(':')[0]}: {value}"
    with TemporaryDirectory() as place:
        path = Path(place) / "study.yaml"
        path.write_bytes("\n".join(lines).encode())
        sentence = ""
        try:
            load_study(path, SYSTEMS)
        except StudyError as error:
            sentence = str(error)
        assert "\n" not in sentence


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    """The two usual slips on the command line."""
    with pytest.raises(StudyError, match="There is no study file"):
        load_study(tmp_path / "none.yaml")
    with pytest.raises(StudyError, match="is a folder; name the study file itself"):
        load_study(tmp_path)


def test_a_path_too_long_for_the_system_is_just_a_missing_file(folder: Path) -> None:
    """The operating system's own limits do not show as a traceback."""
    with pytest.raises(StudyError, match="There is no vocal file"):
        load(folder, MINIMAL.replace("harbour/vocal.flac", "v" * 5000))


def test_an_unknown_song_is_refused_with_the_nearest_one(folder: Path) -> None:
    """Looking up a song by a misspelt name suggests the right one."""
    study = load(folder, MINIMAL)
    assert study.song("lantern").shown_title == "lantern"
    with pytest.raises(StudyError, match=r"no song 'lanter'. Did you mean 'lantern'"):
        study.song("lanter")


def groups_of_keys(kind: type[StudyKeys] = StudyKeys) -> Iterator[type[StudyKeys]]:
    """All groups of keys of a study file but those of parts, which docs/pages.md explains."""
    for group in kind.__subclasses__():
        if not issubclass(group, PartOptions):
            yield group
            yield from groups_of_keys(group)


@pytest.mark.parametrize("model", list(groups_of_keys()), ids=lambda m: m.__name__)
def test_every_key_is_explained_in_the_documentation(model: type[StudyKeys]) -> None:
    """docs/study-file.md names each key of each group in code type."""
    text = (REPOSITORY / "docs" / "study-file.md").read_text(encoding="utf-8")
    missing = [name for name in model.model_fields if f"`{name}`" not in text]
    assert missing == []


def test_a_plan_of_analysis_is_part_of_the_study(folder: Path) -> None:
    """Its values are kept, it changes the fingerprint, and it has one of its own."""
    text = MINIMAL + "analysis: {primary: eq, contrasts: [[random, baseline]], margin: 4}\n"
    study = load(folder, text)
    assert study.analysis is not None
    assert study.analysis.contrasts == (("random", "baseline"),)
    assert study.fingerprint != load(folder, MINIMAL).fingerprint
    other = load(folder, text.replace("margin: 4", "margin: 5")).analysis
    assert other is not None
    assert plan_fingerprint(other) != plan_fingerprint(study.analysis)


def test_a_plan_keeps_the_hash_it_had_before_analyses_could_be_asked_for(folder: Path) -> None:
    """The first hash was made by the version that did not know the key ``also``."""
    text = MINIMAL + "analysis: {primary: eq, contrasts: [[random, baseline]], margin: 4}\n"
    plan = load(folder, text).analysis
    assert plan is not None
    assert plan_fingerprint(plan) == (
        "0e64e860fb882e9f1bbbfdf5ca98244b131d29646b20e47470bc4b79012f42f8"
    )
    more = load(folder, text.replace("margin: 4", "margin: 4, also: [pooled_mann_whitney]"))
    assert more.analysis is not None
    assert plan_fingerprint(more.analysis) != plan_fingerprint(plan)


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ("{primary: loudness}", "line 10: primary names the attribute 'loudness'"),
        ("{confirmatory: [eq, overal]}", "Did you mean 'overall'"),
        ("{reference: human}", "reference names the system 'human', which the study lacks"),
        ("{contrasts: [[random, random]]}", "compares a system with itself"),
        ("{contrasts: [[random, baseline], [baseline, random]]}", "is listed twice"),
        ("{contrasts: [[random]]}", "2 or more entries"),
        ("{reference: random, mid_anchor: random}", "One system cannot have two of"),
        ("{margin: 0}", "must be more than 0"),
        ("{expertise: {}}", "needs 4 stimuli that each participant rates twice, but there are 0"),
        ("{expertise: {discriminates: false}}", "gate is empty; leave it out"),
        (
            "{one_sided: [{test: superiority, system: random, to: humn, margin: 0}]}",
            "one_sided names the system 'humn'",
        ),
        (
            "{one_sided: [{test: superiority, system: random, to: random, margin: 0}]}",
            "compares a system with itself",
        ),
        (
            "{one_sided: [{test: non_inferiority, system: random, to: baseline, margin: 0}]}",
            "needs a margin above 0; for a margin of 0 declare a test of superiority",
        ),
        (
            "{one_sided: [{test: superiority, system: random, to: baseline, margin: 101}]}",
            "The margin 101 is wider than the scale",
        ),
        (
            "{one_sided: ["
            + "{test: superiority, system: random, to: baseline, margin: 1}, " * 2
            + "]}",
            "The superiority test of random against baseline is declared twice",
        ),
        ("{looks: {at: [12, 24, 20], spending: pocock}}", "Looks must rise, but 20 comes after 24"),
        ("{looks: {at: [12, 12], spending: pocock}}", "Looks must rise, but 12 comes after 12"),
        ("{looks: {at: [5, 24], spending: pocock}}", "no look may come before 6"),
        ("{looks: {at: [24], spending: pocock}}", "2 or more entries"),
        ("{looks: {at: [12, 24], spending: pocok}}", "not 'pocok'. Did you mean 'pocock'"),
        ("{looks: {at: [12, 24.5], spending: pocock}}", "must be a whole number"),
        ("{looks: {at: [12, 24]}}", "The key 'spending' is missing"),
        ("{looks: {at: [12, 24], spending: pocock}, anytime: true}", "declare one of them"),
        (
            "{looks: {at: [12, 24], spending: pocock}, model: ordinal}",
            "Looks test the contrasts of the model lmm, not of ordinal; leave model out",
        ),
        ("{anytime: 30}", "must be true or false"),
        ("{margn: 3}", "Did you mean 'margin'"),
        ("{df_method: kenward}", "must be 'satterthwaite', 'kenward-roger' or 'auto'"),
    ],
)
def test_a_plan_that_does_not_fit_is_one_sentence(folder: Path, plan: str, sentence: str) -> None:
    """Names are checked against the study, numbers against their limits."""
    with pytest.raises(StudyError, match=sentence):
        load(folder, MINIMAL + f"analysis: {plan}\n")

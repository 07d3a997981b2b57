"""A build as a separate process; the studio reads its stdout line by line.

The build's process prints ``{"done": 3, "total": 12, "text": …}`` during the build. At the end the
build's process prints ``{"said": …}``, or ``{"fault": …}`` with a sentence. The build is
interrupted if the studio's process ends, or if the studio cancels the build. Stimuli that were
already rendered are kept for the next build, and an earlier build stays complete.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from mixing.audio import AudioError
from mixing.plugins import PluginError
from mixtrial.server.settings import COMMANDS_ALLOWED, default_stimuli_folder
from stimuli.design.page_memory import check_page_memory
from stimuli.loading.load import load_study
from stimuli.rendering.render import Progress, build
from stimuli.study.study import Study, StudyError

EXIT_FAULT, EXIT_INTERRUPTED = 2, 130


def main() -> int:
    """Build the study of the named file."""
    study_file = Path(sys.argv[1])
    try:
        study = load_study(study_file)
        _check_commands(study)
        check_page_memory(study)
        manifest = build(study, default_stimuli_folder(study_file), None, _tell)
    except (StudyError, AudioError, PluginError) as error:
        _say(fault=str(error))
        return EXIT_FAULT
    except OSError as error:
        _say(fault=f"it could not be written: {(error.strerror or str(error)).lower()}")
        return EXIT_FAULT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    n = len(manifest.stimuli)
    _say(said=f"{n} stimul{'us' if n == 1 else 'i'} built")
    return 0


def _check_commands(study: Study) -> None:
    """Refuse a study file with commands: commands would let the studio's users run programs."""
    made = [system.name for system in study.systems if system.command]
    if made and not os.environ.get(COMMANDS_ALLOWED):
        raise StudyError(
            f"{made[0]} is made by a command, and the studio runs commands only if it was started "
            "with --commands."
        )


def _tell(step: Progress) -> None:
    _say(done=step.done, total=step.total, text=step.text)


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

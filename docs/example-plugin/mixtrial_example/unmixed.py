"""The unmixed song: vocal and backing as they were recorded, added up."""

from __future__ import annotations

from dataclasses import dataclass

from mixing.audio import Audio, Song
from mixing.chain import run_chain
from mixing.meters.loudness import integrated_loudness
from mixing.parameters import EqBand, Mix
from mixing.profiles import Profile
from mixing.systems.base import SystemSettings

NAME = "unmixed"


@dataclass(frozen=True, slots=True)
class UnmixedSystem:
    """Does nothing to the vocal and leaves the balance as it was recorded."""

    profile: Profile

    def mix(self, song: Song) -> Mix:
        """Return the mix of ``song``; raise ``AudioError`` when the song cannot be mixed."""
        return run_chain(song, self, NAME, self.profile)

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """No equaliser."""
        return ()

    def choose_compression(self, vocal: Audio, backing: Audio, sample_rate: int) -> None:
        """No compression."""

    def choose_reverb(self, vocal: Audio, backing: Audio, sample_rate: int) -> None:
        """No reverb."""

    def choose_relative_loudness(self, vocal: Audio, backing: Audio, sample_rate: int) -> float:
        """The difference in loudness that the stems have already, in LU."""
        return integrated_loudness(vocal, sample_rate) - integrated_loudness(backing, sample_rate)


def create(settings: SystemSettings) -> UnmixedSystem:
    """Nothing done, in the profile of ``settings``."""
    return UnmixedSystem(settings.profile)

"""What a study says where its file is silent: the seed study's questions and plain texts.

Attributes, groups and the five scale labels are the seed study's, in our words; on the 0–100
scale the labels stand at 0, 25, 50, 75 and 100, as they did there (0, .25, .5, .75, 1).
"""

from __future__ import annotations

DEFAULT_SCALE_LABELS = ("Very poor", "Poor", "Fair", "Good", "Very good")

DEFAULT_ATTRIBUTES: tuple[dict[str, str], ...] = (
    {
        "name": "level",
        "label": "Level balance",
        "question": "How well is the level of the vocal balanced against the backing?",
    },
    {
        "name": "eq",
        "label": "Equalisation",
        "question": "How good is the equalisation (the tone colour) of the vocal?",
    },
    {
        "name": "compression",
        "label": "Compression",
        "question": "How good is the compression (the evenness of loudness) of the vocal?",
    },
    {
        "name": "reverb",
        "label": "Reverberation",
        "question": "How good is the reverberation (the sense of space) of the vocal?",
    },
    {
        "name": "overall",
        "label": "Overall quality",
        "question": "How good is the mix as a whole?",
    },
)

DEFAULT_GROUPS: tuple[dict[str, str], ...] = (
    {"name": "professional", "label": "Professional: I mix or produce music for a living"},
    {"name": "hobbyist", "label": "Hobbyist: I mix or produce music in my free time"},
    {"name": "inexperienced", "label": "Inexperienced: I listen to music, but do not mix it"},
)

DEFAULT_DEVICES: tuple[dict[str, str], ...] = (
    {"name": "headphones", "label": "Headphones"},
    {"name": "earphones", "label": "Earphones"},
    {"name": "loudspeakers", "label": "Loudspeakers"},
)

DEFAULT_WELCOME = (
    "You will hear several mixes of the same songs and say how good you find them. "
    "Please sit in a quiet place and keep your listening device and volume as they are."
)

DEFAULT_CONSENT = (
    "Taking part is voluntary, and you may stop at any time by closing this page. We store your "
    "answers, when you gave them, and what you played; no name, address or e-mail. The answers "
    "are used for research and may be published without anything that identifies you."
)

DEFAULT_THANKS = "Thank you for taking part. Your answers have been stored."

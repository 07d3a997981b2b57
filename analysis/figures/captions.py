"""Names and captions of the figures of a report.

A caption explains the dots and the intervals of its figure. A caption has no findings and no
numbers of the data, so that the caption is true for every study.
"""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.statistics.multiplicity import FOR_PAIRS, NAMES

TITLES = {
    "by-system": "Ratings of each system",
    "forest": "Differences between systems",
    "by-group": "Ratings in each listener group",
    "interaction": "Listener group × system",
    "slopes": "Each participant through the systems",
    "by-song": "Song by song",
    "song-panels": "Ratings of each song",
    "heat-map": "Song × system",
    "variance": "Where the ratings vary",
    "residuals": "Residuals of the model",
    "fitted": "Residuals over fitted ratings",
    "histogram": "How the scale was used",
    "screening": "How carefully each participant rated",
    "behaviour": "What participants played",
    "violins": "All single ratings, as Li (2022) shows them",
    "points": "Every rating",
    "caterpillar": "Participants and songs apart from the average",
    "missing": "What is missing",
    "strengths": "Strength of each system",
    "wins": "Who was preferred to whom",
    "told-apart": "What was told apart",
    "said-different": "How often pairs were called different",
    "thresholds": "Thresholds among the levels",
    "scatter": "A measure beside the ratings",
}

MARKS = {
    "arrowhead": "An arrowhead at an end of the scale means that the interval continues beyond it.",
    "flag": "Participants flagged by the screening have a ring and a name.",
    "repeats": (
        "The figure shows the spread between a participant's repeated ratings against the spread "
        "between stimuli, in points. Above the dotted line, stimuli differ more than repeats."
    ),
    "agreement": (
        "The figure shows the spread of each participant's ratings against the rank correlation of "
        "these ratings with the mean of the other participants."
    ),
    "open end": (
        "An open triangle at an end of the levels means that a listener's staircase track went "
        "beyond this end."
    ),
}
"""Sentences on features of only some figures of a kind; ``meta`` of the traces selects them."""

CAPTIONS = {
    "scatter": (
        "Each mark is one stimulus (a song by a system), named by its song, with the 95 % interval "
        "of its mean rating over participants; colour and symbol show the system. The dotted line "
        "is the mapping "
        "from the measure to the ratings."
    ),
    "by-system": (
        "A dot is one participant's mean over the songs; n counts participants. Box: median and "
        "quartiles (hinges), whiskers to the furthest dot within 1.5 box lengths. Diamond: mean of "
        "the participants with its 95 % t interval. The interval is for this mean only. To see "
        "whether two systems differ, use the figure of differences, not the overlap of intervals."
    ),
    "forest": (
        "Dot: estimated difference (first system minus second) in points of the scale. Thick line: "
        "90 % interval. Thin line: 95 % interval. The intervals are not adjusted for the number of "
        f"pairs. The verdict uses the {NAMES[FOR_PAIRS]}-adjusted p value and the equivalence "
        "test; the grey band is the margin inside which a difference counts as too small to matter."
    ),
    "by-group": (
        "Each panel is one listener group. The marks mean the same as in the figure of each "
        "system's ratings. Groups are compared by the interaction. A difference "
        "that is significant in one group only does not show that groups differ."
    ),
    "interaction": (
        "Estimated mean of each group and system with its 95 % interval. The more parallel the "
        "lines are, the more similar are the groups' ratings. The test of the interaction shows "
        "whether the groups differ."
    ),
    "slopes": (
        "Each line is one participant (mean over songs); the thick line is the mean of all. "
        "Crossing "
        "lines are listeners who put the systems in different orders, by taste or by chance."
    ),
    "by-song": (
        "Mean over participants with its 95 % t interval; the number of participants is in "
        "brackets. The last column averages each participant's songs first."
    ),
    "song-panels": (
        "Each panel is one song, and each dot is one participant's rating (mean of repeats). Box, "
        "diamond and interval mean the same as in the figure of each system's ratings."
    ),
    "heat-map": (
        "Mean rating over participants in each cell; darker is higher; the number of participants "
        "is in brackets."
    ),
    "variance": (
        "Standard deviation of each random term of the mixed model, in points, and its share of "
        "the variance. Blue terms make the comparison of systems less precise. More participants "
        "reduce the effect of participant × system, but only more songs reduce the effect "
        "of song × system."
    ),
    "residuals": (
        "Quantiles of the residuals against a normal distribution. The nearer the points are to "
        "the line, the better the model's normal distribution fits."
    ),
    "fitted": (
        "A band of constant width means that the spread is the same along the scale. The slanted "
        "edges come from the ends of the scale, beyond which there are no ratings."
    ),
    "histogram": (
        "The bars count single ratings, in ten bins of the scale, or by value if there are few "
        "values; the curve is the normal distribution "
        "of the same mean and spread. If there are two peaks, or many ratings at an end of the "
        "scale, the mean is a poor summary."
    ),
    "screening": "Each mark is one participant. This figure excludes nobody.",
    "behaviour": (
        "Box: median and quartiles (hinges). A dot is one stimulus, or one page, of one "
        "participant; n is the number of dots. Plays are starts of a stimulus, including switches "
        "to it; time and switches of a whole page are shown by song."
    ),
    "violins": (
        "The figure has every single rating, so a participant appears once per song. Box: "
        "quartiles; "
        "diamond: mean. The figure shows how the scale was used, not how precise the means are."
    ),
    "points": (
        "A dot is one rating of one stimulus by one participant; within a song, the systems are "
        "side by side. Dots of one participant are not independent of each other."
    ),
    "caterpillar": (
        "Predicted effect of each participant and each song in the mixed model, in points above or "
        "below the average, with its conditional 95 % interval. The lowest effects come first. The "
        "less information there is about an effect, the closer to zero is its estimate. The figure "
        "shows how the scale was used, and judges nobody."
    ),
    "missing": (
        "One row per participant, one column per song; a fraction shows how many of the song's "
        "ratings exist."
    ),
    "strengths": (
        "Strength estimated from the choices, in log odds with mean zero; the interval (95 %) has "
        "errors clustered by participant and applies to these songs. To see whether two systems "
        "differ, use the table, not the overlap of intervals."
    ),
    "wins": (
        "Share of the comparisons that the row's system won against the column's system, over all "
        "songs and participants; a tie is half a win for each."
    ),
    "told-apart": (
        "Share of right answers with its exact 95 % interval (Clopper–Pearson), which treats "
        "trials as independent; n counts participants. Small dots: each participant over all "
        "pairs. The dotted line shows the chance of a right guess."
    ),
    "thresholds": (
        "Each small dot is the threshold of one listener: the mean by reversals over the "
        "listener's staircase tracks. "
        "Diamonds: means over the listeners within the levels, with the 95 % interval of Student's "
        "t."
    ),
    "said-different": (
        "Share of the answers that were “different”, with its exact 95 % interval "
        "(Clopper–Pearson), which treats trials as independent. Filled marks are for trials "
        "with both mixes of the pair. Open marks are for trials with one mix heard twice."
    ),
}

PLAIN = {
    "by-system": "How high each system was rated, by each listener and on average.",
    "forest": "The difference between the ratings of two systems, with its uncertainty.",
    "by-group": "How high each system was rated in each group of listeners.",
    "interaction": "Whether the groups of listeners put the systems in the same order.",
    "slopes": "Whether individual listeners agree with the average.",
    "by-song": "Whether the order of the systems is the same on every song.",
    "song-panels": "Every listener's rating of every system, song by song.",
    "heat-map": "Which system was rated high on which song.",
    "variance": "What makes ratings differ: systems, listeners, songs, or chance.",
    "caterpillar": "Which listeners and songs were rated higher or lower than the average.",
    "residuals": "Whether the model describes the random variation of the ratings.",
    "fitted": "Whether ratings vary equally at the low and the high end of the scale.",
    "histogram": "Which parts of the scale listeners used.",
    "screening": "Which participants rated carefully, and which should be checked.",
    "behaviour": "How often and how long listeners played the stimuli that they rated.",
    "missing": "Which ratings exist, and which are missing.",
    "violins": "All ratings of all questions in one figure.",
    "points": "Every single rating as a dot.",
    "scatter": "Whether an objective measure agrees with the ratings of the listeners.",
    "wins": "Which system was preferred to which, and how often.",
    "strengths": "How strong each system is, according to all choices together.",
    "told-apart": "Whether listeners can hear a difference at all.",
    "said-different": (
        "How often listeners said “different” about pairs that were different, and about pairs "
        "that were the same."
    ),
    "thresholds": "The smallest difference that listeners can hear.",
}
"""Content of a figure, in one sentence for readers without statistics."""

WHEN = {
    "by-system": "first, to see the ratings themselves",
    "forest": "to answer whether systems differ. The summary of a report also contains "
    "*Differences between systems*",
    "by-group": "if listeners came from several groups",
    "interaction": "and not separate tests of each group, to see whether groups of listeners agree",
    "slopes": "to see whether listeners have different tastes",
    "by-song": "to see whether a finding depends on one song",
    "song-panels": "to look at one song with unusual ratings",
    "heat-map": "if there are too many songs for one panel per song",
    "variance": "to decide whether the next study needs more listeners or more songs",
    "caterpillar": "to find a listener or a song that is far from the average",
    "residuals": "before you trust the numbers of the mixed model",
    "fitted": "if many ratings are at one end of the scale",
    "histogram": "before you compare means",
    "screening": "before you exclude anybody, and to show that nobody was excluded by hand",
    "behaviour": "to show that systems were heard before they were rated",
    "missing": "if some participants did not rate all stimuli",
    "violins": "to compare a study with that of Li (2022)",
    "points": "in the dashboard, to play the stimulus of a dot",
    "scatter": "to decide whether an objective measure can replace listeners",
    "wins": "after a preference test",
    "strengths": "after pages on which listeners chose between two stimuli, ranked stimuli or "
    "chose the best",
    "told-apart": "after ABX or triangle trials",
    "said-different": "after same-different trials",
    "thresholds": "after adaptive staircases",
}
"""When to use a figure, as the continuation of "Use the figure *…*"."""


def caption_of(kind: str, figure: go.Figure) -> str:
    """What a figure shows, what its marks mean, and what is special about this kind of figure."""
    metas = [trace.meta or () for trace in figure.data]
    drawn = {mark for meta in metas for mark in ([meta] if isinstance(meta, str) else meta)}
    special = [sentence for mark, sentence in MARKS.items() if mark in drawn]
    return " ".join([PLAIN[kind], CAPTIONS[kind], *special])

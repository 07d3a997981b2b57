"""Names and captions of the figures of a report.

A caption explains dots and intervals. A caption contains no findings or numbers of the data, so it
is true for every study.
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
    "arrowhead": "An arrowhead at an end of the scale: the interval goes on beyond it.",
    "flag": "Those that the screening flags are ringed and named.",
    "repeats": (
        "Spread of a participant's repeats against that of the stimuli in their ratings, in "
        "points; above the dotted line stimuli differ more than repeats."
    ),
    "agreement": (
        "Spread of all own ratings against the rank correlation with the mean of the others."
    ),
    "open end": "An open triangle at an end of the levels: a listener with a track beyond it.",
}
"""Sentences on what only some figures of a kind show: a caption has those of its traces' meta."""

CAPTIONS = {
    "scatter": (
        "A mark is one stimulus (a song by a system), named by its song, with the 95 % interval of "
        "its mean rating over participants; colour and symbol tell the system. Dotted: the mapping "
        "from the measure to the ratings."
    ),
    "by-system": (
        "A dot is one participant's mean over the songs; n counts participants. Box: median and "
        "quartiles (hinges), whiskers to the furthest dot within 1.5 box lengths. Diamond: mean of "
        "the participants with its 95 % t interval. The interval belongs to that mean alone: "
        "whether two systems differ is read from the differences, not from overlap."
    ),
    "forest": (
        "Dot: estimated difference (first system minus second) in points of the scale; thick line: "
        "90 % interval; thin line: 95 % interval, neither adjusted for the number of pairs. The "
        f"verdict uses the {NAMES[FOR_PAIRS]}-adjusted p value and the equivalence test; the grey "
        "band is the margin inside which a difference counts as too small to matter."
    ),
    "by-group": (
        "As above, one panel a listener group. Groups are compared by the interaction, never by "
        "one being significant and another not."
    ),
    "interaction": (
        "Estimated mean of each group and system with its 95 % interval. The more parallel "
        "the lines, the more alike the groups judged; whether they differ says the interaction."
    ),
    "slopes": (
        "One line a participant (mean over songs); the thick line is the mean of all. Crossing "
        "lines are listeners who put the systems in different orders, by taste or by chance."
    ),
    "by-song": (
        "Mean over participants with its 95 % t interval; the number of participants stands in "
        "brackets. The last column averages each participant's songs first."
    ),
    "song-panels": (
        "One panel a song: a dot is one participant's rating, repeats averaged; box, diamond and "
        "interval as in the ratings of each system."
    ),
    "heat-map": (
        "Mean rating over participants in each cell; darker is higher; the number of participants "
        "stands in brackets."
    ),
    "variance": (
        "Standard deviation of each random term of the mixed model, in points, and its share of "
        "the variance. Blue terms blur the comparison of systems: participant × system falls with "
        "more participants, song × system only with more songs."
    ),
    "residuals": (
        "Quantiles of the residuals against a normal distribution. The nearer the points to "
        "the line, the better the model's normal distribution fits."
    ),
    "fitted": (
        "A band of even width would say that the spread is the same along the scale. Slanted "
        "edges come from the ends of the scale, where ratings cannot go on."
    ),
    "histogram": (
        "Every single rating counts, in ten bins of the scale, or by its values where they are "
        "few; the curve is the normal distribution "
        "of the same mean and spread. Two humps, or a crowd at an end of the scale, make a mean a "
        "poor summary."
    ),
    "screening": "One mark a participant. Nobody is excluded by this picture.",
    "behaviour": (
        "Box: median and quartiles (hinges); a dot is one stimulus, or one page, of one "
        "participant; n counts them. Plays are starts of a stimulus, switches to it included; time "
        "and switches of a whole page are shown by song."
    ),
    "violins": (
        "Every single rating counts here, so a participant appears once a song. Box: quartiles; "
        "diamond: mean. The picture shows how the scale was used, not how sure the means are."
    ),
    "points": (
        "A dot is one rating of one stimulus by one participant; the systems stand beside each "
        "other within a song. Dots of one participant belong together; they are not independent."
    ),
    "caterpillar": (
        "Predicted effect of each participant and each song in the mixed model, in points above or "
        "below the average, with its conditional 95 % interval; lowest first. An effect shrinks "
        "towards zero as little is known of it. No judgement of a person: it tells how the scale "
        "was used."
    ),
    "missing": (
        "One row a participant, one column a song; a fraction says how many of the song's ratings "
        "are there."
    ),
    "strengths": (
        "Strength behind the choices, in log odds, mean zero; the interval (95 %) has errors "
        "clustered by participant and speaks for these songs. Whether two systems differ is read "
        "from the table, not from overlap."
    ),
    "wins": (
        "Share of the comparisons that the row's system won against the column's, all songs and "
        "participants together; a tie is half a win for each."
    ),
    "told-apart": (
        "Share of right answers with its exact 95 % interval (Clopper–Pearson), trials taken as "
        "independent; n counts participants. Small dots: each participant over all pairs. The "
        "dotted line is guessing."
    ),
    "thresholds": (
        "Small dots: the threshold of each listener, the mean of their tracks by reversals. "
        "Diamonds: means over the listeners within the levels, with the 95 % interval of Student's "
        "t."
    ),
    "said-different": (
        "Share of the answers that were “different”, with its exact 95 % interval "
        "(Clopper–Pearson), trials taken as independent. Filled: the two mixes of the pair. Open: "
        "one of them twice."
    ),
}

PLAIN = {
    "by-system": "How high each system was rated, by each listener and on average.",
    "forest": "How far apart two systems were rated, and how sure that is.",
    "by-group": "How high each system was rated inside each group of listeners.",
    "interaction": "Whether the groups of listeners put the systems in the same order.",
    "slopes": "Whether single listeners agree with the average.",
    "by-song": "Whether the order of the systems is the same on every song.",
    "song-panels": "Every listener's rating of every system, song by song.",
    "heat-map": "Which system did well on which song.",
    "variance": "What makes ratings differ: systems, listeners, songs, or chance.",
    "caterpillar": "Which listeners and songs were rated higher or lower than the average.",
    "residuals": "Whether the model's idea of chance fits the ratings.",
    "fitted": "Whether ratings scatter alike at the low and the high end of the scale.",
    "histogram": "Which parts of the scale listeners used.",
    "screening": "Who rated carefully, and who should be looked at.",
    "behaviour": "How often and how long listeners played what they rated.",
    "missing": "Which ratings are there, and which are not.",
    "violins": "All ratings of all questions at one glance.",
    "points": "Every single rating as a dot.",
    "scatter": "Whether a measure made by a machine goes along with what listeners said.",
    "wins": "Which system was preferred to which, and how often.",
    "strengths": "How strong each system is, by all choices together.",
    "told-apart": "Whether listeners can hear a difference at all.",
    "said-different": "How often listeners called two recordings different that were, or were not.",
    "thresholds": "How small a difference listeners just hear.",
}
"""Content of a figure, in one sentence for readers without statistics."""

WHEN = {
    "by-system": "first, to see the ratings themselves",
    "forest": "to answer whether systems differ; the figure of a summary",
    "by-group": "where listeners came from several groups",
    "interaction": "to say whether groups agree; never two tests side by side",
    "slopes": "where taste may split the listeners",
    "by-song": "where a finding may hang on one song",
    "song-panels": "to look at a song that stands out",
    "heat-map": "with many songs, instead of one panel each",
    "variance": "to plan the next study: more listeners, or more songs",
    "caterpillar": "to find a listener or a song far from the others",
    "residuals": "before the numbers of the mixed model are believed",
    "fitted": "where ratings crowd at an end of the scale",
    "histogram": "before means are compared",
    "screening": "before anybody is left out, and to show that nobody was by hand",
    "behaviour": "to show that systems were heard before they were rated",
    "missing": "where not everybody rated everything",
    "violins": "to compare a study with that of Li (2022)",
    "points": "to hear what stands behind a dot, in the dashboard",
    "scatter": "where an objective measure is to replace listeners",
    "wins": "after a preference test",
    "strengths": "after a preference test, a ranking, or the best of several",
    "told-apart": "after ABX or triangle trials",
    "said-different": "after same-different trials",
    "thresholds": "after adaptive tracks",
}
"""When to use a figure, as the continuation of "Use it"."""


def caption_of(kind: str, figure: go.Figure) -> str:
    """Content of a figure, meaning of its marks, and special features of this kind of figure."""
    metas = [trace.meta or () for trace in figure.data]
    drawn = {mark for meta in metas for mark in ([meta] if isinstance(meta, str) else meta)}
    special = [sentence for mark, sentence in MARKS.items() if mark in drawn]
    return " ".join([PLAIN[kind], CAPTIONS[kind], *special])

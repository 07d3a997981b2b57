"""Readable descriptions of conditions in templates, where the code of a condition is hard to read.

A condition without a description is printed in the table as it is written in the template.
"""

from __future__ import annotations

from collections.abc import Mapping

CONDITION_WORDS: Mapping[str, str] = {
    # Conditions about the contents of the source
    "primary": "there are ratings",
    "primary is not none": "there are ratings",
    "primary is none": "there are no ratings",
    "view": "there are ratings",
    "not view": "there are no ratings",
    "view or has_choices": "there are ratings or choices",
    "views": "there are ratings",
    "not has_choices": "there are no choices",
    "has_choices": "there are choices",
    "views | length > 1": "several attributes",
    "scales | length == 1": "all attributes on one scale",
    "scales | length != 1": "attributes on several scales",
    "scales | length > 1": "attributes on several scales",
    "groups | length > 1": "several listener groups",
    "groups | length >= 2": "several listener groups",
    "groups | length < 2": "one listener group",
    "look.apart": "reference or anchors are kept apart",
    "row.system in look.apart": "the system is kept apart",
    "unused_marks": "a name looks like a reference or an anchor, but nothing is declared",
    "not unused_marks and not results.settings.reference": "no reference, by name or declaration",
    "human in look.systems": "a system is called human",
    "for each [key, factor] in "
    "[[\"labs\", \"lab\"], [\"arms\", \"arm\"], [\"languages\", \"language\"]]":
        "for labs, for arms, for languages",
    "results.report.sample.n_simulated": "some participants are simulated",
    # The answer
    "answer.status == \"ok\"": "means are known",
    "answer.status != \"ok\"": "no mean is known",
    "answer.pairs": "pairs are compared",
    "answer.sets": "no chain of listeners connects all systems",
    "not answer.sets": "chains of listeners connect all systems",
    "answer.leaders | length == 1 and answer.others":
        "the highest mean differs from every other mean (adjusted p < .05)",
    "not (answer.leaders | length == 1 and answer.others)":
        "the highest mean is not shown to differ from every other mean",
    "answer.leaders | length == answer.leaders + answer.others | length":
        "the highest mean is not shown to differ from any other mean",
    "answer.leaders | length != answer.leaders + answer.others | length":
        "the highest mean is shown to differ from some other means",
    "answer.others": "the highest mean is shown to differ from some other means",
    "not answer.others": "the highest mean is not shown to differ from any other mean",
    "answer.clear_cut":
        "every leader differs from all systems below, and from no other leader",
    "not answer.clear_cut": "some leader differs from another leader, or not from a system below",
    "answer.status == \"ok\" and answer.between_people":
        "no listener rated both systems of some pair",
    "answer.status == \"ok\" and answer.between_songs":
        "no song was rated in both systems of some pair",
    "answer.status == \"ok\" and answer.few_songs":
        "some system was rated on fewer songs than another",
    "answer.status == \"ok\" and answer.few_participants":
        "some system was rated by less than half as many participants as another",
    "answer.status == \"ok\" and answer.unheard":
        "nobody of some listener group rated some system",
    "answer.status == \"ok\" and answer.constant": "all ratings of some system are alike",
    "answer.pairs_from == \"lmm\"": "the pairs are those of the linear mixed model",
    "answer.pairs_from != \"lmm\"": "the pairs are not those of the linear mixed model",
    "answer.pairs_from == \"ordinal\"": "the pairs are those of the ordinal model",
    "answer.pairs_from != \"ordinal\"": "the pairs are not those of the ordinal model",
    "answer.leaders": "a system other than reference and anchors was rated",
    "not answer.leaders": "reference and anchors alone were rated",
    "tied | length > 1": "other means are the highest to the printed digits, too",
    "tied | length <= 1": "one mean is the highest to the printed digits",
    "number.is_zero(pair.difference) and pair.verdict not in separate":
        "all printed digits of the difference are zeros, and no difference is shown",
    "not (number.is_zero(pair.difference) and pair.verdict not in separate)":
        "a printed digit of the difference is not zero, or a difference is shown",
    "test.caution is defined and test.caution": "no chain of songs connects all systems",
    "view.model.omnibus.system.caution": "no chain of songs connects all systems",
    "section.ordinal.omnibus.system.caution": "no chain of songs connects all systems",
    "answer.status == \"ok\" and answer.pairs": "pairs are compared",
    "answer.status == \"ok\" and answer.sets": "no chain of listeners connects all systems",
    "not (answer.status == \"ok\" and answer.sets)": "chains of listeners connect all systems",
    "answer.means_from == \"emmeans\"": "the means are the model's",
    "answer.means_from != \"emmeans\"": "the means are the participants'",
    "answer.means | selectattr(\"ci_low\", \"none\") | list": "some mean has no interval",
    "not answer.means | selectattr(\"ci_low\", \"none\") | list": "every mean has an interval",
    "answer.pairs_from in model_names": "the pairs are the model's",
    "answer.pairs_from not in model_names": "the pairs are of paired t tests",
    "answer.means | length == 1": "one system",
    "answer.means | length != 1": "several systems",
    "answer.means | length == 1 and answer.apart": "one system beside reference and anchors",
    "not (answer.means | length == 1 and answer.apart)":
        "several systems, or one system without reference and anchors",
    "answer.means | map(attribute=\"mean\") | unique | list | length == 1": "all means are equal",
    "answer.means | map(attribute=\"mean\") | unique | list | length != 1": "the means differ",
    "pair": "the two highest are compared",
    "pair.verdict == Verdict.TRIVIAL":
        "difference p < .05 and equivalence p < .05, both adjusted",
    "pair.verdict == Verdict.EQUIVALENT": "equivalence p < .05, difference p ≥ .05, both adjusted",
    "pair.verdict == Verdict.INCONCLUSIVE": "both adjusted p ≥ .05",
    "contrasts": "the plan names contrasts",
    "plan and plan.contrasts | length > contrasts | length": "a contrast of the plan is not tested",
    "view.model and not answer.sets": "the model was fitted, and listeners connect all systems",
    "answer.pairs and not primary.model": "the model of the primary analysis could not be fitted",
    "section.power.floor > 0": "song × system varies",
    "section.power.floor <= 0": "song × system was estimated as zero",
    "view.sets": "no chain of listeners connects all systems",
    "not view.sets": "chains of listeners connect all systems",
    "marks": "a reference or an anchor is compared",
    # Groups, labs, arms
    "(interaction is none or not computed(interaction)) or interaction.p is none":
        "the interaction could not be tested",
    "not ((interaction is none or not computed(interaction)) or interaction.p is none)":
        "the interaction was tested",
    "(interaction and computed(interaction)) and interaction.p is not none":
        "the interaction was tested",
    "parts and computed(parts.interaction)": "the interaction was tested",
    "parts.welch_omnibus_p is not none":
        "Welch's test was possible",
    "parts and computed(parts.friedman)": "Friedman's test was possible",
    "computed(primary.section[key]) and primary.section[key]": "the factor is in the model",
    "(computed(view.section[key]) and view.section[key]) and "
    "computed(view.section[key].interaction)":
        "the factor is in the model, and chains of listeners connect all systems",
    "computed(part)": "the factor is in the model",
    "computed(part.interaction)": "chains of listeners connect all systems",
    "part is not none": "the table has such a factor",
    # Conditions in the sections of an attribute
    "view.model": "the model was fitted",
    "not view.model": "the model was not fitted",
    "view.model_key == \"ordinal\"": "the ordinal model is the primary one",
    "view.model_key == \"ordinal\" and model.penalised":
        "the ordinal model is the primary one, and an effect has no limit",
    "view.model_key == \"ordinal\" and model.dropped | length == model.sd | length":
        "the ordinal model is the primary one, and all random terms vanished",
    "view.model_key == \"ordinal\" and view.model.dropped | length == view.model.sd | length":
        "the ordinal model is the primary one, and all random terms vanished",
    "not (view.model_key == \"ordinal\" and model.dropped | length == model.sd | length)":
        "some random term is left, or the model is another",
    "(view.model_key == \"ordinal\" and not view.sets) and model.omnibus.system.df2 >= 1000":
        "the ordinal model is the primary one, with 1,000 degrees of freedom or more",
    "m.hangs_on_one(view, \"few_songs\", row) | trim": "a system of the pair has one song",
    "m.hangs_on_one(view, \"few_participants\", row) | trim":
        "a system of the pair has one participant",
    "results.report.answers[view.name].few_songs":
        "some system was rated on fewer songs than another",
    "model.r2_marginal is not none": "chains of listeners connect all systems",
    "view.pairs": "pairs are compared",
    "not view.pairs": "no pair is compared",
    "view.is_cut": "more pairs than those of twelve systems",
    "(row.group is none and row.bimodality is not none) and row.bimodality > 5 / 9":
        "bimodality above 5/9 in all participants together",
    "agreement.n_pairs": "two methods or more judge some pair",
    "not agreement.n_pairs": "fewer than two methods judge any pair",
    "agreement.n_agree == agreement.n_pairs":
        "all methods are on the same side of .05 for every pair",
    "agreement.n_agree != agreement.n_pairs": "the methods are on both sides of .05 for some pair",
    "computed(section.friedman)": "Friedman's test was possible",
    "computed(view.section.friedman)": "Friedman's test was possible",
    "section.friedman.p_permutation is not none":
        "fewer than ten listeners",
    "computed(section.rm_anova)": "the analysis of variance was possible",
    "section.rm_anova.itu_choice == \"hotelling\" and computed(section.rm_anova.hotelling)":
        "BS.1534-3 chooses Hotelling's test",
    "not (section.rm_anova.itu_choice == \"hotelling\" and computed(section.rm_anova.hotelling))":
        "Hotelling's test is not chosen, or not possible",
    "section.rm_anova.itu_choice == \"huynh-feldt\"": "BS.1534-3 chooses Huynh–Feldt",
    "(view.is_primary and computed(section.songs)) and section.songs":
        "the main attribute",
    "\"variance\" in figures or \"residuals\" in figures": "the model can be drawn",
    "residuals.flag == \"skewed\"": "skewness beyond ±.5",
    "residuals.flag != \"skewed\"": "skewness not between .5 and 1",
    "residuals.flag == \"prefer ranks\"": "skewness beyond ±1",
    "view.is_primary and firm | reject(\"none\") | list": "the main attribute",
    "computed(section.power)":
        "the variances are known",
    "section.power.n_songs_each != section.power.n_songs":
        "participants rated some of the songs",
    "computed(section.sensitivity)": "variants were computed",
    "computed(other) and computed(other.omnibus)":
        "this variant could be fitted, and chains of listeners connect all systems",
    "(computed(gate) and computed(gate.without)) and computed(gate.without.omnibus)":
        "a gate is declared, the model without it was fitted, and chains of listeners connect all "
        "systems",
    "gate.changed": "the verdict of some pair changes",
    "not gate.changed": "no verdict changes",
    "computed(section.sensitivity) and computed(section.sensitivity.group_residuals)":
        "several groups, and the fit worked",
    "computed(section.sensitivity.group_residuals.omnibus.system)":
        "systems could be tested, and chains of listeners connect them all",
    "models.n_pairs": "two models or more were fitted",
    "models.n_agree == models.n_pairs":
        "all models find the same pairs different, with the same sign",
    "models.n_agree != models.n_pairs": "models differ on some pair",
    "(computed(section.ordinal) and "
    "view.model_key != \"ordinal\") and not view.sets":
        "the ordinal model was fitted and is not the primary one, and chains of listeners connect "
        "all systems",
    "computed(section.agreement)": "agreement is known",
    "one is not none": "the design is complete",
    "mean is not none": "the design is complete",
    "view.multiplicity is not none and "
    "results.multiplicity.rows[view.multiplicity].family == \"exploratory\"":
        "the attribute is not declared confirmatory",
    # Choices
    "misfit(fitted)": "the test of fit rejects the model (p < .05)",
    "not misfit(fitted)": "the test of fit does not reject the model, or there is none",
    "misfit(entry.model)": "the test of fit rejects the model (p < .05)",
    "misfit(entry.bradley_terry) or not computed(entry.bradley_terry)":
        "the test of fit rejects the model, or it could not be fitted",
    "fitted.fit.p is not none and not misfit(fitted)": "the test of fit does not reject the model",
    "not misfit(entry.model)": "the test of fit does not reject the model, or there is none",
    "for each entry in trials.preference": "for each preference part",
    "for each entry in trials.abx": "for each ABX part",
    "for each entry in trials.triangle": "for each triangle part",
    "for each entry in trials.same_different": "for each same-different part",
    "compared": "one of a pair's two mixes was heard twice",
    "not compared": "neither mix of any pair was heard twice",
    "entry.pairs | length > 1": "several pairs",
    "entry.pairs | length <= 1": "one pair",
    "pairs | length == 1": "one pair",
    "pairs | length != 1": "several pairs",
    "pairs | length >= 2": "several pairs",
    "bounded": "some bound lies below 100 %",
    "not bounded": "no bound lies below 100 %",
    "bounded | length > 3": "more than three bounds lie below 100 %",
    "bounded | length <= 3": "three bounds at most lie below 100 %",
    "bounded | length < pairs | length": "not every bound lies below 100 %",
    "for each row in bounded": "for each pair whose bound lies below 100 %",
    "for each [kind, entries] in [[\"abx\", trials.abx], [\"triangle\", trials.triangle]]":
        "for ABX, for triangles",
    "kind == \"abx\"": "ABX",
    "kind != \"abx\"": "a triangle",
    "for each [kind, entries] in [[\"ranking\", trials.ranking], [\"best\", trials.best]]":
        "for rankings, for picks of the best",
    "for each entry in entries": "for each part",
    "for each entry in trials.ranking": "for each ranking part",
    "for each entry in trials.best": "for each part of the best of several",
    "entry.pairs": "pairs are compared",
    "for each entry in trials.thresholds": "for each part with adaptive tracks",
    "computed(entry.mixed_logit)": "the mixed logit could be fitted",
    "not computed(entry.mixed_logit)": "the mixed logit could not be fitted",
    "computed(entry.by_reversals)": "two listeners or more have a threshold",
    "not computed(entry.by_reversals)": "fewer than two listeners have a threshold",
    "entry.n_beyond_hardest or entry.n_beyond_easiest": "some track ended at an end of the levels",
    "entry.n_cut_short": "some track ended before its reversals",
    "entry.unit == \"level\"": "levels have no values",
    "entry.unit != \"level\"": "levels have values",
    "entry.overall.p < 0.05": "one-sided exact p < .05",
    "entry.overall.p >= 0.05": "one-sided exact p ≥ .05",
    "sure": "some pair has an adjusted p < .05",
    "not sure": "no pair has an adjusted p < .05",
    "sure | length == pairs | length": "every pair has an adjusted p < .05",
    "sure | length != pairs | length": "not every pair has an adjusted p < .05",
    # One-sided claims
    "row.claim == \"non_inferiority\"": "non-inferiority",
    "row.claim != \"non_inferiority\"": "superiority",
    "row.verdict == \"not shown\"": "adjusted one-sided p ≥ .025",
    "row.verdict != \"not shown\"": "adjusted one-sided p < .025",
    "row.verdict != \"shown\"": "the upper end of the 95 % interval lies below 0",
    "row.verdict is undefined": "no test was possible",
    "row.verdict is not undefined": "a test was possible",
    "row.margin": "with a margin",
    # Conditions about the plan and about looks before the end
    "not plan or plan.status == \"none\"": "no dated plan is known",
    "not (not plan or plan.status == \"none\")": "a dated plan is known",
    "plan.status == \"declared\"": "the plan was on record before the first rating",
    "plan and plan.status == \"declared\"": "the plan was on record before the first rating",
    "plan.status != \"declared\"": "the plan was not on record before the first rating",
    "not (plan and plan.status == \"declared\")": "no plan was on record before the first rating",
    "plan.status == \"changed\"": "the study file changed during the study",
    "plan.status != \"changed\"": "the study file did not change during the study",
    "plan and plan.unblinded_at": "the names were uncovered",
    "not (plan and plan.unblinded_at)": "the names were not uncovered",
    "plan and study_fingerprint": "the data come from a study",
    "study_fingerprint": "the data come from a study",
    "plan.unblinded_early": "ratings came in after that",
    "not plan.unblinded_early": "no rating came in after that",
    "item.departs": "the analysis departs from the plan",
    "not item.departs": "the analysis follows the plan",
    "looks is not none": "looks were noted",
    "looks.n_interim": "some look was before the end",
    "not looks.n_interim": "no look was before the end",
    "looks.overruled_at": "somebody uncovered means that the plan hides",
    "sequential": "the plan declares looks, or anytime",
    "sequential.status == \"ok\"": "the looks can be judged",
    "sequential.status != \"ok\"": "the looks cannot be judged",
    "sequential.looks": "a look was reached",
    "not sequential.looks": "no look was reached",
    "sequential.kind == \"declared\"": "looks are declared",
    "sequential.kind != \"declared\"": "anytime is declared",
    "planning.choices": "choices are planned",
    "not planning.choices": "ratings are planned",
    "row.planned is not none": "a number of participants was planned",
    "planning and planning.timing == \"before\"": "the size was computed before the first rating",
    # Participants and screening
    "missing.n_missing == 0": "no cell is empty",
    "missing.n_missing != 0": "some cell is empty",
    "results.report.missing.n_missing": "some cell is empty",
    "counts | length == 1 and missing.participants | length == results.data.n_participants":
        "all participants lack equally many ratings",
    "results.data.excluded": "a participant was excluded",
    "not results.data.excluded": "nobody was excluded",
    "results.screening.rules | selectattr(\"applied\") | list": "a rule was applied",
    "not results.screening.rules | selectattr(\"applied\") | list": "no rule was applied",
    "is_mushra": "reference and both anchors declared, on mushra pages",
    "not is_mushra": "reference and anchors not all declared, or not on mushra pages",
    "section is none or section is undefined": "the result was not computed",
    "not (section is none or section is undefined)":
        "the result was computed, but could not be estimated",
    "results.report.flow and results.report.flow.enrolled is not none":
        "the data come from a study",
}  # fmt: skip

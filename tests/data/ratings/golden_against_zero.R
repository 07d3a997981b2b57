# Means of three systems against 0, by lmerTest and emmeans: Rscript golden_against_zero.R > golden_against_zero.json
suppressMessages({library(lmerTest); library(emmeans); library(jsonlite)})
d <- expand.grid(p = 1:8, s = 1:6, k = 1:3)
d$rating <- c(-1, -0.3, 0.1)[d$k] + 0.5 * sin(3 * d$p + d$k) + 0.4 * cos(5 * d$s + 2 * d$k) +
  0.3 * sin(7 * d$p * d$s + 11 * d$k)
for (name in c("p", "s", "k")) d[[name]] <- factor(d[[name]])
fit <- lmer(rating ~ k + (1 | p) + (1 | s) + (1 | p:k) + (1 | s:k) + (1 | p:s), d)
found <- as.data.frame(test(emmeans(fit, "k", lmer.df = "satterthwaite"), null = 0))
found$p_holm <- p.adjust(found$p.value, "holm")
cat(toJSON(found[c("emmean", "SE", "df", "p.value", "p_holm")], digits = 12, pretty = TRUE), "\n")

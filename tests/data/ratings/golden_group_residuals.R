# A residual variance for each listener group by glmmTMB:
#   Rscript golden_group_residuals.R > golden_group_residuals.json
# rating ~ system * group with the listeners' and songs' intercepts and their products with system,
# dispformula = ~ group, REML; variances in points^2.
suppressMessages({library(glmmTMB); library(jsonlite)})
r <- read.csv("unbalanced_groups.csv")
r <- r[r$attribute == "overall", ]
for (name in c("participant", "song", "system", "group")) r[[name]] <- factor(r[[name]])
m <- suppressWarnings(glmmTMB(rating ~ system * group + (1 | participant) + (1 | song) +
    (1 | participant:system) + (1 | song:system) + (1 | participant:song), r,
  dispformula = ~ group, REML = TRUE,
  control = glmmTMBControl(optCtrl = list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-14))))
log_variance <- as.vector(model.matrix(~ g, data.frame(g = levels(r$group))) %*% fixef(m)$disp)
cat(toJSON(list(variance = as.list(setNames(exp(log_variance), levels(r$group)))),
  auto_unbox = TRUE, digits = 10))

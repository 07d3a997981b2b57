# Differences of two systems by lmerTest, each from the ratings of its own two systems:
#   Rscript golden_own_errors.R > golden_own_errors.json
# d is a listener's difference on a song; estimate, SE and Satterthwaite's degrees of freedom of
# lmer(d ~ 1 + (1|participant) + (1|song)), REML.
suppressMessages({library(lmerTest); library(jsonlite)})
of_set <- function(name) {
  r <- read.csv(paste0(name, ".csv"))
  r <- r[r$attribute == "overall" & !r$system %in% c("Reference", "Anchor"), ]
  systems <- sort(unique(r$system), method = "radix")
  pairs <- combn(systems, 2, simplify = FALSE)
  lapply(pairs, function(p) {
    both <- merge(r[r$system == p[1], ], r[r$system == p[2], ], by = c("participant", "song"))
    both$d <- both$rating.x - both$rating.y
    m <- suppressMessages(lmer(d ~ 1 + (1 | participant) + (1 | song), both,
      control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))))
    co <- coef(summary(m))
    list(a = p[1], b = p[2], estimate = co[1, "Estimate"], se = co[1, "Std. Error"], df = co[1, "df"])
  })
}
cat(toJSON(sapply(c("synA_balanced", "synS_singular", "likert_timbre_transfer"), of_set, simplify = FALSE),
  auto_unbox = TRUE, digits = 10))

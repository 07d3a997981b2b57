# Default mixed model of ratings whose reference and anchors are not compared.
# Usage: Rscript golden_roles.R OUT.json DATA.csv ROLE,ROLE[:DROPPED,DROPPED] ...
# where ROLE are systems left out of the model and DROPPED participants left out by screening. Of the pairs
# the first thirty are kept.
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(emmeans); library(jsonlite)})
options(contrasts = c("contr.sum", "contr.poly"))
emm_options(lmer.df = "satterthwaite", lmerTest.limit = 1e5)
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 2e5),
                       calc.derivs = FALSE, check.conv.singular = "ignore")
rows <- function(x) { x <- as.data.frame(x); x <- cbind(row = rownames(x), x); rownames(x) <- NULL; x }
split_names <- function(text) if (is.na(text) || text == "") character() else strsplit(text, ",")[[1]]
one <- function(file, choice) {
  given <- strsplit(choice, ":")[[1]]
  d <- read.csv(file, stringsAsFactors = FALSE)
  d <- d[d$attribute == d$attribute[1] & !(d$system %in% split_names(given[1])) &
         !(d$participant %in% split_names(given[2])), ]
  for (v in c("participant", "song", "system")) d[[v]] <- factor(d[[v]], levels = sort(unique(d[[v]]), method = "radix"))
  random <- "(1|participant)+(1|song)+(1|participant:system)+(1|song:system)+(1|participant:song)"
  if (any(table(d$participant, d$song, d$system) > 1)) random <- paste0(random, "+(1|participant:song:system)")
  m <- lmer(as.formula(paste("rating~system+", random)), d, REML = TRUE, control = control)
  e <- emmeans(m, ~system)
  list(file = basename(file), roles = split_names(given[1]), excluded = split_names(given[2]),
       n_ratings = nrow(d), deviance = REMLcrit(m), variance = rows(as.data.frame(VarCorr(m)))[, c("grp", "vcov")],
       omnibus = rows(anova(m, type = 3, ddf = "Satterthwaite")), emmeans = rows(summary(e)),
       pairs = head(rows(summary(pairs(e, adjust = "none"), infer = c(TRUE, TRUE))), 30),
       p_holm = head(summary(pairs(e, adjust = "holm"))$p.value, 30))
}
args <- commandArgs(TRUE)
sets <- matrix(args[-1], nrow = 2)
found <- lapply(seq_len(ncol(sets)), function(i) one(sets[1, i], sets[2, i]))
names(found) <- sub("[.]csv(.gz)?$", "", basename(sets[1, ]))
found$versions <- sapply(c("lme4", "lmerTest", "emmeans"), function(p) as.character(packageVersion(p)))
found$versions <- as.list(c(R = R.version.string, found$versions))
write_json(found, args[1], digits = NA, auto_unbox = TRUE)

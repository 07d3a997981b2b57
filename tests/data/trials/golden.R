# Trials drawn from a seed, and what R makes of them: Rscript golden.R (in this folder)
# lme4 (glmer, nAGQ = 1), psyphy (d'), fisher.test; writes abx.csv, same_different.csv, golden.json
library(lme4); library(psyphy); library(jsonlite)
set.seed(20)
logit <- plogis
people <- sprintf("P%02d", 1:14); songs <- c("ash", "birch", "cedar", "dogwood", "elm")
made <- expand.grid(participant = people, song = songs, pair = c("one", "two"), replicate = 0:1,
                    stringsAsFactors = FALSE)
own <- setNames(rnorm(14, 0, .8), people); of <- setNames(rnorm(5, 0, .6), songs)
eta <- ifelse(made$pair == "one", 1.1, .1) + own[made$participant] + of[made$song]
made$correct <- rbinom(nrow(made), 1, logit(eta))
write.csv(made, "abx.csv", row.names = FALSE, quote = FALSE)
control <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13,
                        optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
model <- function(formula, data) {
  m <- glmer(formula, data, family = binomial, nAGQ = 1, control = control)
  list(logLik = as.numeric(logLik(m)), beta = as.numeric(fixef(m)),
       se = as.numeric(sqrt(diag(vcov(m)))), sd = as.list(sqrt(unlist(VarCorr(m)))))
}
abx <- model(correct ~ 0 + pair + (1 | participant) + (1 | song), made)

pairs <- expand.grid(participant = people, song = songs, different = 0:1, replicate = 0:1,
                     stringsAsFactors = FALSE)
bias <- setNames(rnorm(14, -.7, .9), people)
pairs$said_different <- rbinom(nrow(pairs), 1, logit(bias[pairs$participant] + 1.4 * pairs$different))
write.csv(pairs, "same_different.csv", row.names = FALSE, quote = FALSE)
sd <- model(said_different ~ different + (1 | participant) + (1 | song), pairs)
count <- table(pairs$different, pairs$said_different)
fisher <- fisher.test(count, alternative = "greater")$p.value
own <- table(factor(pairs$different, 1:0), factor(pairs$said_different, 1:0), pairs$participant)
fishers <- apply(own, 3, function(each) fisher.test(each, alternative = "greater")$p.value)
stratified <- mantelhaen.test(own, exact = TRUE, alternative = "greater")$p.value

# no spread between listeners at all: a singular fit
flat <- made; flat$correct <- as.numeric(seq_len(nrow(flat)) %% 3 > 0)
singular <- model(correct ~ 1 + (1 | participant) + (1 | song), flat)

share <- c(.55, .65, .75, .9)
golden <- list(
  abx = abx, same_different = sd, singular = singular, fisher = fisher,
  fishers = unname(fishers), stratified = stratified, share = share,
  abx_independent = sapply(share, function(p) dprime.ABX(Pc.unb = p, method = "IO")),
  abx_differencing = sapply(share, function(p) dprime.ABX(Pc.unb = p, method = "diff")),
  triangle_share = c(.4, .5, .7, .9), triangle = sapply(c(.4, .5, .7, .9), dprime.oddity),
  hits = c(.9, .6, .5), false_alarms = c(.2, .3, .4),
  same_different_d = mapply(function(h, f) dprime.SD(h, f, method = "diff"),
                            c(.9, .6, .5), c(.2, .3, .4)),
  versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                  psyphy = as.character(packageVersion("psyphy"))))
write(toJSON(golden, auto_unbox = TRUE, digits = 15, pretty = TRUE), "golden.json")

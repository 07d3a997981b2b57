# Makes judged_and_left_out.json: Rscript judged_and_left_out.R > judged_and_left_out.json
# 1. Power of mantelhaen.test(exact = TRUE) by all tables of three listeners, two trials of each kind.
# 2. glmer of ABX answers without the pair that all got right, at nAGQ = 1.
suppressMessages(library(lme4))
p_of <- function(h, f) {
  strata <- array(sapply(seq_along(h), function(i) c(h[i], 2 - h[i], f[i], 2 - f[i])), c(2, 2, length(h)))
  if (all(h + f == 0) || all(h + f == 4)) return(1)
  mantelhaen.test(strata, exact = TRUE, alternative = "greater")$p.value
}
power <- function(share, hit, guessed, alpha) {
  own <- share * dbinom(0:2, 2, hit) + (1 - share) * dbinom(0:2, 2, guessed)
  all <- expand.grid(rep(list(0:2), 6))
  total <- 0
  for (i in seq_len(nrow(all))) {
    h <- as.integer(all[i, 1:3]); f <- as.integer(all[i, 4:6])
    if (p_of(h, f) <= alpha * (1 + 1e-9)) total <- total + prod(own[h + 1], dbinom(f, 2, guessed))
  }
  total
}
d <- expand.grid(trial = 1:4, song = 1:3, participant = 1:10)
d$correct <- as.integer((d$participant * 7 + d$song * 3 + d$trial * 5) %% 11 < 1 + d$participant + (d$song == 2))
m <- glmer(correct ~ 1 + (1 | participant) + (1 | song), d, family = binomial, nAGQ = 1,
           control = glmerControl(tolPwrss = 1e-13, optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-12, maxeval = 1e5)))
cat(sprintf('{"power_some": %.12f, "power_all": %.12f,\n "estimate": %.8f, "se": %.8f, "log_likelihood": %.8f, "sd_participant": %.6f}\n',
  power(0.6, 0.8, 0.2, 0.05), power(1, 0.9, 0.25, 0.05 / 3), fixef(m), sqrt(vcov(m)[1, 1]), logLik(m),
  sqrt(unlist(VarCorr(m)))[["participant"]]))

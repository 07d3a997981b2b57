# Covariance of the coefficients at glmmTMB's variances, (X' V^-1 X)^-1, into golden_unequal.json:
#   Rscript golden_unequal_gls.R <folder of the sets>
# glmmTMB's own vcov adds what the variances' uncertainty moves the coefficients: much where a
# variance is close to zero.
suppressPackageStartupMessages(library(jsonlite))
options(contrasts = c("contr.sum", "contr.poly"))
sets <- fromJSON("golden_unequal.json", simplifyVector = FALSE)
folder <- commandArgs(TRUE)[1]
for (name in names(sets)) {
  own <- paste0(name, ".csv")
  d <- read.csv(if (file.exists(own)) own else file.path(folder, own), stringsAsFactors = FALSE)
  d <- d[d$attribute %in% c("overall", "quality") & d$system %in% unlist(sets[[name]]$systems), ]
  for (v in c("participant", "song", "system")) d[[v]] <- factor(d[[v]], levels = sort(unique(d[[v]]), method = "radix"))
  stopifnot(nrow(d) == sets[[name]]$n)
  one <- sets[[name]]$unequal
  v <- diag(unlist(one$residual_sd)[as.integer(d$system)]^2)
  for (term in names(one$sd)) {
    of <- interaction(d[strsplit(term, ":")[[1]]], drop = TRUE)
    v <- v + one$sd[[term]]^2 * outer(of, of, "==")
  }
  x <- model.matrix(~system, d)
  sets[[name]]$unequal$gls_vcov <- unname(solve(t(x) %*% solve(v, x)))
}
write_json(sets, "golden_unequal.json", digits = NA, auto_unbox = TRUE, na = "null", null = "null", pretty = TRUE)

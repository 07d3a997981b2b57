"""``load.R``: read the tables into R with their types, and fit the models of the results again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.defaults import DEFAULT_MODEL, KENWARD_ROGER, MODEL_NAMES, SATTERTHWAITE
from analysis.factors import BETWEEN
from mixtrial.reporting.archive_files.analysed_rows import AnalysedRows, analysed_rows
from mixtrial.reporting.archive_files.archive_file import ArchiveFile, PackedStudy
from mixtrial.reporting.archive_files.script_text import quoted
from mixtrial.reporting.archive_files.tables import FACTORS, Column, Table

DF_NAMES_IN_R: dict[str, str] = {SATTERTHWAITE: "Satterthwaite", KENWARD_ROGER: "Kenward-Roger"}

HEAD = """\
# Tables of this archive with their types, and the mixed model of results/results.json fitted again.
# In its folder: Rscript load.R; within R: source("load.R", chdir = TRUE)

title <- %s

# A sign that begins a formula stands behind an apostrophe in the files.
as_said <- function(x) sub("^'(?=[=+@\\t\\r-])", "", x, perl = TRUE)

typed <- function(path, types) {
  table <- read.csv(path, colClasses = "character", na.strings = "", check.names = FALSE,
                    encoding = "UTF-8")
  for (name in names(types)) {
    x <- as_said(table[[name]])
    table[[name]] <- switch(types[[name]],
      factor = factor(x, levels = sort(unique(x), method = "radix")),
      number = as.numeric(x),
      integer = as.integer(x),
      boolean = as.logical(x),
      datetime = as.POSIXct(x, format = "%%Y-%%m-%%dT%%H:%%M:%%OSZ", tz = "UTC"),
      x)
  }
  table
}
"""

MODEL = """
# What the results are of: %s.
# lmerTest fits the section lmm of each attribute. Random terms whose variance is zero are left out
# with Satterthwaite's degrees of freedom, as results.json does, and kept with Kenward-Roger's.
library(lmerTest)
analysed <- subset(ratings, %s)
fitted_again <- function(attribute, formula, df) {
  rows <- droplevels(analysed[analysed$attribute == attribute, ])
  for (name in intersect(c(%s), all.vars(formula))) {
    level <- as.character(rows[[name]])
    level[is.na(level)] <- "not given"
    rows[[name]] <- factor(level, levels = sort(unique(level), method = "radix"))
  }
  coding <- sapply(intersect(c("system", %s), all.vars(formula)), function(name) "contr.sum",
                   simplify = FALSE)
  model <- lmer(formula, rows, contrasts = coding, control = lmerControl(
    optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 2e5), calc.derivs = FALSE,
    check.conv.singular = "ignore"))
  list(model = model, omnibus = anova(model, type = 3, ddf = df),
       pairs = difflsmeans(model, which = "system", ddf = df))
}
models <- list(
%s
)
for (attribute in names(models)) {
  cat("\\n", attribute, "\\n", sep = "")
  print(data.frame(models[[attribute]]$omnibus, check.names = FALSE), digits = 8)
  print(data.frame(models[[attribute]]$pairs, check.names = FALSE), digits = 8)
}
"""

NOT_FITTED = (
    "The declared primary model is the %s: results/results.json has it under %s. It is not fitted "
    "here; what is printed is the linear mixed model beside it, of: %s"
)

WITHOUT_RANDOM_TERMS = (
    "No random term of %s has a variance above zero: its model under lmm in results/results.json "
    "is one of least squares, which is not fitted again here."
)


def script(packed: PackedStudy) -> str:
    """The R program, which reads the tables and then fits each attribute's mixed model."""
    reading = "".join(_reading(table) for table in packed.tables)
    return HEAD % quoted(packed.study.title) + "\n" + reading + _models(packed)


def _reading(table: Table) -> str:
    types = ",\n".join(
        f"  {quoted(column.name)} = {quoted(_type(column))}" for column in table.columns
    )
    return f"{table.name} <- typed({quoted(table.path)}, c(\n{types}))\n"


def _type(column: Column) -> str:
    return "factor" if column.name in FACTORS else column.type


def _models(packed: PackedStudy) -> str:
    fitted = {
        name: found["lmm"]
        for name, found in packed.results["attributes"].items()
        if found.get("lmm", {}).get("status") == "ok"
    }
    if not fitted:
        return "\n# No mixed model could be fitted: see results/results.json.\n"
    told = ""
    for name in [name for name, found in fitted.items() if "(1|" not in _formula(found)]:
        del fitted[name]
        told += f"\nmessage({quoted(WITHOUT_RANDOM_TERMS % name)})\n"
    if not fitted:
        return told
    between = ", ".join(map(quoted, BETWEEN))
    rows = analysed_rows(packed)
    models = ",\n".join(_call(name, found) for name, found in fitted.items())
    model = MODEL % (rows.in_words, _condition(rows), between, between, models)
    return model + told + _not_fitted(packed.results["attributes"])


def _not_fitted(attributes: Mapping[str, Any]) -> str:
    """Lines that print a message about declared models that the R program does not fit."""
    lines = ""
    for model, in_words in MODEL_NAMES.items():
        names = [name for name, found in attributes.items() if found.get("primary_model") == model]
        if names and model != DEFAULT_MODEL:
            told = NOT_FITTED % (in_words, model, ", ".join(names))
            lines += f"\nmessage({quoted(told)})\n"
    return lines


def _formula(found: Mapping[str, Any]) -> str:
    """The model's formula for R; with Satterthwaite's method, it lacks terms of zero variance."""
    formula = str(found["formula"])
    if found["df_method"] == SATTERTHWAITE:
        for component in found["dropped"]:
            formula = formula.replace(f" + (1|{component})", "")
    return formula


def _call(attribute: str, found: Mapping[str, Any]) -> str:
    """A line that fits one attribute's model, with the results' method for degrees of freedom."""
    name, df = quoted(attribute), quoted(DF_NAMES_IN_R[str(found["df_method"])])
    return f"  {name} = fitted_again({name}, {_formula(found)}, {df})"


def _condition(rows: AnalysedRows) -> str:
    """The selection of the analysed rows, as an expression of R."""
    asked = ["!is.na(rating)"]
    for column, value in rows.equal.items():
        asked.append(column if value == "true" else f"{column} == {quoted(value)}")
    for column, values in rows.without.items():
        asked.append(f"!{column} %in% c({', '.join(map(quoted, values))})")
    return " &\n  ".join(asked)


FILE = ArchiveFile(
    name="load.R",
    media_type="text/x-r-source",
    remark="the tables in R with their types, and the mixed model fitted again",
    text=script,
)

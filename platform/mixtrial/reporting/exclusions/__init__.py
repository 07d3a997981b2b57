"""Who is left out of a study's report, and the column by which exported tables say so."""

"""Commands for running a study: plan, check, build, serve, simulate, backup."""

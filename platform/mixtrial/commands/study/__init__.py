"""Commands that run a study: plan, check, build, serve, simulate, backup."""

"""Parts common to commands on a terminal: options, progress bars, executors."""

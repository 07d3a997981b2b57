"""What commands share on a terminal: options, progress bars, executors."""

"""Training: batches, the fit, checkpoints, trust and the model card."""

"""Training: batches, the fit, checkpoints, selection of outputs, and the model card."""

"""Training: batches, fitting, checkpoints, selection of outputs, and the model card."""

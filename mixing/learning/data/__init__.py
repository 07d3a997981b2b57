"""Songs as training data: found, measured, prepared and split."""

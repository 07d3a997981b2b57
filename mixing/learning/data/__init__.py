"""Songs as training data: how they are found, measured, prepared and split."""

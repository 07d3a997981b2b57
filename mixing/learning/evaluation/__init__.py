"""Quality of the networks on held-out songs, in comparison with constant predictors."""

"""The networks: architectures, the forward pass, predictions."""

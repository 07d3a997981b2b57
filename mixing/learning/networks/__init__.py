"""The networks themselves: architectures, the forward pass, predictions."""

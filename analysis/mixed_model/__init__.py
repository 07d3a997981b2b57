"""The linear mixed model: design, fit, inference, and power."""

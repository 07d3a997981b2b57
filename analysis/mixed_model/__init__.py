"""The linear mixed model: design, fit, inference, and the power that follows."""

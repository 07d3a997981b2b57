"""The linear mixed model: its design, its fit, its inference, and the power that follows from it."""

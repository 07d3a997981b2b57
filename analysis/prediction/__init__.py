"""Prediction of listeners' answers from an objective measure (ITU-T P.1401)."""

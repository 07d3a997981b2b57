"""Prediction of listeners' answers by an objective measure (ITU-T P.1401)."""

"""Calibration: which sets of parameters the published findings do not rule out, and what they cannot tell."""

"""Choosing between policies: robustness, value of information, sequential comparison."""

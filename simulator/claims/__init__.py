"""Answers saved as claims that can be run again, and questions registered before their answers are seen."""

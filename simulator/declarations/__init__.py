"""Every number, lever, outcome and piece of evidence, declared once. Imports nothing of the package."""

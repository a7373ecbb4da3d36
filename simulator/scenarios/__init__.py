"""Scenario files: read, checked, stacked, written; the library. Imports common and the declarations."""

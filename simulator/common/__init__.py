"""Shared tools that every room may import: parsing and formatting of values, files, errors, HTML, the log.

Numbers, dates, seeds and paths are read in the same way wherever a user can type one: scenario files, designs, command
options, links, notebook functions and tables. Every file that Ringfence writes goes through `atomic_files`. This room
imports no other room.
"""

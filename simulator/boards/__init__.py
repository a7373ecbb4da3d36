"""The table of boards and the reader of boards of one's own. Imports common and the declarations."""

"""The table of boards, and the reader for tables that users bring. Imports common, declarations and engine records."""

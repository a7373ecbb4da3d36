"""Charts as SVG, for the report, the PDF, the dashboard and files to take away. Imports common alone."""

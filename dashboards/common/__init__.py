"""What every room of the dashboards may use: the log of the server, and the glossary as pages show it."""

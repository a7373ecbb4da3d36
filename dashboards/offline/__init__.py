"""The explorer that needs no server: one HTML file with the model inside."""

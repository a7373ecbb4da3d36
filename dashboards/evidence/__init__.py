"""The register of assumptions, with how far each moves the answer."""

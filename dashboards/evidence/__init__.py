"""The register of assumptions, with what each moves."""

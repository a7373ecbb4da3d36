"""Who may come in: logins, headers, limits."""

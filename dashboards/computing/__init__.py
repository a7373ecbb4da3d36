"""Works out answers on other threads and keeps them; holds the session. Knows nothing of screens."""

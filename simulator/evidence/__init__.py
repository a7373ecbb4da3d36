"""Evidence of the user's own: files of observations and statements that weigh the posterior's draws anew."""

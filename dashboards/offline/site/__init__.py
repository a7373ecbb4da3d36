"""The static site: pages for any host, or for none, with an answer for each of the 45 interventions."""

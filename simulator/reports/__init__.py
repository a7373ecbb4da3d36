"""Parts of the report: sentences, pictures and the content of its page."""

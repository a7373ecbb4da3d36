"""The Mesa model, its boards, and the explanation of their decisions."""

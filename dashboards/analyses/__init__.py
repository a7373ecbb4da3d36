"""Questions beyond the headline: each method has a file that computes its answer as numbers and describes it in words.

`registry` lists them; `job_queue` works them out; `section` shows one on a page; `shipped_answers` come along.
"""

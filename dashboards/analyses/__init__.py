"""What people ask beyond the headline: each question's work, in numbers, and how the numbers are told."""

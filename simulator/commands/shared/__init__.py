"""What commands share: options, reading what they name, the screen, and answers in all their forms."""

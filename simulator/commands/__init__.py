"""The commands of `ringfence`, one theme a module. What is slow to import is imported inside a command."""

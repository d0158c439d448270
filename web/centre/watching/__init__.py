"""Watching: everybody screened again as rules, days and profiles go on; what moved, and what will be lost."""

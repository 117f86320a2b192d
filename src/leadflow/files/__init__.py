"""Leads in files: what the command line reads, means and writes, free of any screen."""

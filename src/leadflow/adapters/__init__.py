"""Adapters for storage and mail: one file each, one extra each."""

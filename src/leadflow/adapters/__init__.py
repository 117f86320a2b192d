"""Where leads are kept and how mail goes out: one file each, one extra each."""

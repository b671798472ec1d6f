"""Large PNG and TIFF, read and written some rows at a time."""

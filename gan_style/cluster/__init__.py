"""Work in processes of its own: side by side on this machine, or as the jobs of a cluster."""

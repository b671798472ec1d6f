"""What runs came to: listings for the terminal, and the report of an experiment."""

"""Every variant of an experiment times every seed: trained, evaluated, and resumed after any stop."""

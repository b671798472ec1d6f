"""Every variant of an experiment times every seed: trained, evaluated, and gone on with after whatever stopped it."""

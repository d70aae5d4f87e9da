"""The sections of a policy pack file, each read into its terms."""

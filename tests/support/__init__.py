"""What tests, benchmarks and tools share: none of these imports from one another."""

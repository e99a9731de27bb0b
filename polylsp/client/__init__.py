"""A client to a real server process: what benchmarks, the demo and end-to-end tests talk through."""

"""The steps as a data pipeline runs them: on one machine or on many."""

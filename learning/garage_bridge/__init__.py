"""The only files that know that garage is from 2021."""

"""Evaluation: its protocol and its log."""

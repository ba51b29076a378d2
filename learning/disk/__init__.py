"""What is read from the disk, by whoever it was written."""

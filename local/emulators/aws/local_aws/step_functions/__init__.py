"""What Step Functions does on AWS and not in MiniStack."""

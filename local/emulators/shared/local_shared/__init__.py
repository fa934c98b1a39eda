"""What the servers of this machine share: plain Python, for the environment of each."""

"""Erases a reviewer's records from received files: found by the jobs' own kernel, cut out of every form."""

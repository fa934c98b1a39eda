"""Erases a reviewer's records from received files of every form; the jobs' own kernel finds them."""

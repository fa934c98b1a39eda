"""Does nothing: spark-submit resolves `--packages` on its way to a script, so it needs one."""

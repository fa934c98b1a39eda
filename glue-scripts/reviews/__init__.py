"""Raw review JSON to published Parquet: the code behind the Glue jobs *clean reviews* and *flatten
reviews*."""
